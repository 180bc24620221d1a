/** One HTML file that needs nothing else: text, tables and inline SVG; light or dark as the reader's system is. */
import { DARK, FONT, LIGHT } from './theme.ts';

type Cell = string | number | boolean | null;

/** Strings are text and are escaped; only `svg` and `html` are taken as markup, and must come from trusted code. */
type Block =
  | { readonly text: string }
  | { readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] } }
  | { readonly svg: string; readonly caption?: string | undefined }
  | { readonly html: string };

export interface ReportSection {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Report {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly sections: readonly ReportSection[];
}

export function htmlReport({ title, subtitle, sections }: Report): string {
  const contents =
    sections.length < 3
      ? ''
      : `<nav><ol>${sections
          .map((s, i) => `<li><a href="#section-${i + 1}">${escapeHtml(s.title)}</a></li>`)
          .join('')}</ol></nav>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>
${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${subtitle === undefined ? '' : `<p class="subtitle">${escapeHtml(subtitle)}</p>\n`}</header>
${contents}<main>
${sections.map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function sectionHtml({ title, blocks }: ReportSection, index: number): string {
  return `<section id="section-${index + 1}">
<h2>${escapeHtml(title)}</h2>
${blocks.map(blockHtml).join('\n')}
</section>`;
}

function blockHtml(block: Block): string {
  if ('text' in block) return `<p>${escapeHtml(block.text)}</p>`;
  if ('table' in block) return tableHtml(block.table.columns, block.table.rows);
  if ('html' in block) return block.html;
  const caption = block.caption === undefined ? '' : `<figcaption>${escapeHtml(block.caption)}</figcaption>`;
  return `<figure>${block.svg}${caption}</figure>`;
}

/** A column whose cells are all numbers (or empty) is set as one: to the right, in digits of equal width. */
function tableHtml(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = columns.map(
    (_, c) =>
      rows.some((row) => typeof row[c] === 'number') &&
      rows.every((row) => typeof row[c] === 'number' || row[c] === null),
  );
  const mark = (c: number): string => (numeric[c] ? ' class="number"' : '');
  const head = columns.map((name, c) => `<th scope="col"${mark(c)}>${escapeHtml(name)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, c) => `<td${mark(c)}>${cellHtml(cell)}</td>`).join('')}</tr>`)
    .join('\n');
  return `<div class="table"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`;
}

function cellHtml(cell: Cell): string {
  if (cell === null) return '–';
  return escapeHtml(typeof cell === 'number' ? readableNumber(cell) : String(cell));
}

/** Whole numbers in full, others to five significant digits. */
export function readableNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(3);
  return size >= 1e4
    ? value.toLocaleString('en-US', { maximumFractionDigits: 1 })
    : String(Number(value.toPrecision(5)));
}

/** Charts are drawn in light colors; in the dark, those of them that are the ground's become the dark ones. */
const DARK_CHARTS = (Object.keys(LIGHT) as (keyof typeof LIGHT)[])
  .flatMap((key) =>
    (['fill', 'stroke'] as const).map(
      (attribute) => `  svg [${attribute}="${LIGHT[key]}"] { ${attribute}: ${DARK[key]}; }`,
    ),
  )
  .join('\n');

const STYLE = `:root {
  color-scheme: light dark;
  --ink: ${LIGHT.ink}; --muted: ${LIGHT.muted}; --line: ${LIGHT.line}; --ground: ${LIGHT.ground};
}
@media (prefers-color-scheme: dark) {
  :root { --ink: ${DARK.ink}; --muted: ${DARK.muted}; --line: ${DARK.line}; --ground: ${DARK.ground}; }
${DARK_CHARTS}
}
body {
  max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem;
  background: var(--ground); color: var(--ink); font: 16px/1.55 ${FONT};
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
.subtitle, figcaption { color: var(--muted); }
.subtitle { margin: 0; }
nav ol { columns: 2; padding-left: 1.4rem; margin: 1.5rem 0 0; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 3px; }
figure { margin: 1rem 0; padding: .5rem; border: 1px solid var(--line); border-radius: 8px; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-size: .9rem; padding: .3rem .6rem .2rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .38rem .75rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--muted); font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { max-width: none; } figure, tr { break-inside: avoid; } }
`;
