import { describe, expect, it } from 'vitest';
import { trainingChart } from '../../src/plots/curve-charts.ts';
import { escapeHtml, htmlReport, readableNumber } from '../../src/plots/html-report.ts';
import { renderSvg } from '../../src/plots/render.ts';

const HOSTILE = `<script>alert("x")</script> & 'y'`;
const ESCAPED = '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;';

describe('htmlReport', () => {
  it('escapes text wherever text can be', () => {
    expect(escapeHtml(HOSTILE)).toBe(ESCAPED);
    const html = htmlReport({
      title: HOSTILE,
      subtitle: HOSTILE,
      sections: Array.from({ length: 3 }, () => ({
        title: HOSTILE,
        blocks: [
          { text: HOSTILE },
          { table: { columns: [HOSTILE], rows: [[HOSTILE]] } },
          { svg: '<svg></svg>', caption: HOSTILE },
        ],
      })),
    });
    expect(html).not.toContain('<script');
    // Title, heading, subtitle; then in each section: contents, heading, paragraph, column, cell, caption.
    expect(html.split(ESCAPED).length - 1).toBe(3 + 3 * 6);
  });

  it('escapes text inside charts', () => {
    const svg = renderSvg(trainingChart([{ name: '<b>&', points: [[0, 1]] }], { title: '</svg><script>' }));
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('<b>');
  });

  it('needs nothing from elsewhere', () => {
    const svg = renderSvg(
      trainingChart([
        {
          name: 'loss',
          points: [
            [0, 1],
            [1, 0.5],
          ],
        },
      ]),
    );
    const html = htmlReport({ title: 'Report', sections: [{ title: 'Chart', blocks: [{ svg }] }] });
    const outside = html.replaceAll(/xmlns(:\w+)?="http:\/\/www\.w3\.org\/[^"]*"/g, '');
    expect(outside).not.toMatch(/https?:|<link|<script|<img|@import|\bsrc=/);
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it('sets columns of numbers as numbers, and empty cells as dashes', () => {
    const table = {
      columns: ['trial', 'state', 'loss'],
      rows: [
        [1, 'COMPLETE', 1.234567],
        [2, 'FAIL', null],
      ],
    };
    const html = htmlReport({ title: 'Report', sections: [{ title: 'Trials', blocks: [{ table }] }] });
    expect(html).toContain('<td class="number">1</td><td>COMPLETE</td><td class="number">1.2346</td>');
    expect(html).toContain('<td class="number">2</td><td>FAIL</td><td class="number">–</td>');
  });

  it('takes html as it is', () => {
    const html = htmlReport({ title: 'R', sections: [{ title: 'S', blocks: [{ html: '<pre>raw</pre>' }] }] });
    expect(html).toContain('<pre>raw</pre>');
  });

  it.each([
    [3, '3'],
    [1234567, '1,234,567'],
    [0.123456, '0.12346'],
    [12345.678, '12,345.7'],
    [1.5e-7, '1.500e-7'],
    [Number.NaN, 'NaN'],
  ])('prints %d as %s', (value, text) => {
    expect(readableNumber(value)).toBe(text);
  });
});
