import { type Comparison, verdicts } from '../compare/index.ts';
import { type ConvergenceRuns, convergenceChart, htmlReport, renderSvg } from '../plots/index.ts';

/** Values that span more than this are shown by their logarithm. */
const LOGARITHMIC_SPREAD = 100;

/** A comparison as one HTML file. */
export function comparisonReport(comparison: Comparison): string {
  const { problem, score, scoreDirection, nTrials, seeds, samplers, pairwise, referencePoint } = comparison;
  const reference =
    referencePoint === null ? '' : ` Hypervolume is measured from [${referencePoint.join(', ')}].`;
  const testSection = {
    title: 'Is it more than luck?',
    blocks: [
      {
        text:
          'Two-sided Mann-Whitney U tests of the scores of each pair of samplers; Holm corrects for their number. ' +
          'The second column is the share of pairs of runs in which the first sampler is the better.',
      },
      {
        table: {
          columns: ['pair', 'first is better', 'U', 'p', 'p (Holm)', 'method'],
          rows: pairwise.map((test) => [
            `${test.a} : ${test.b}`,
            `${Math.round(100 * test.probabilityABetter)} %`,
            test.u,
            test.pValue,
            test.adjustedPValue,
            test.method,
          ]),
        },
      },
    ],
  };
  return htmlReport({
    title: `Samplers on ${problem}`,
    subtitle: `${samplers.length} samplers, ${seeds.length} seeds each, ${nTrials} trials a run`,
    sections: [
      {
        title: 'Result',
        blocks: [
          ...verdicts(comparison).map((text) => ({ text })),
          { text: `Score of a run: its ${score} after ${nTrials} trials (${scoreDirection}).${reference}` },
          {
            table: {
              columns: ['sampler', 'median', 'lower quartile', 'upper quartile', 'wins'],
              rows: samplers.map(({ name, median, q1, q3, wins }) => [name, median, q1, q3, wins]),
            },
          },
        ],
      },
      { title: 'Convergence', blocks: [convergenceBlock(comparison)] },
      ...(pairwise.length === 0 ? [] : [testSection]),
      {
        title: 'Every run',
        blocks: [
          {
            table: {
              columns: ['seed', ...samplers.map(({ name }) => name)],
              rows: seeds.map((seed, s) => [String(seed), ...samplers.map(({ scores }) => scores[s])]),
            },
          },
        ],
      },
    ],
  });
}

function convergenceBlock({ samplers, score, scoreDirection }: Comparison) {
  const scores = samplers.flatMap(({ runs }) => runs.flat()).filter(Number.isFinite);
  if (scores.length === 0) return { text: 'No run has a feasible trial.' };
  const least = scores.reduce((a, b) => Math.min(a, b));
  const most = scores.reduce((a, b) => Math.max(a, b));
  const worst = scoreDirection === 'minimize' ? most : least;
  const hasGaps = samplers.some(({ runs }) => runs.flat().some((value) => !Number.isFinite(value)));
  const shown: ConvergenceRuns[] = samplers.map(({ name, runs }) => ({
    sampler: name,
    runs: runs.map((run) => run.map((value) => (Number.isFinite(value) ? value : worst))),
  }));
  const svg = renderSvg(
    convergenceChart(shown, {
      value: { name: score },
      logarithmic: least > 0 && most / least > LOGARITHMIC_SPREAD,
    }),
    { idPrefix: 'convergence' },
  );
  const caption =
    'Median over seeds and, shaded, the half of the runs around it.' +
    (hasGaps ? ' Before its first feasible trial a run is drawn at the worst value of any run.' : '');
  return { svg, caption };
}
