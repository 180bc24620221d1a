/**
 * Whether a sampler ever does worse than random search on problems such as users bring: regions that fail, penalties, constraints that
 * hold nowhere at first, plateaus, noise, up to 1000 parameters. No peer is needed.
 *
 *   npx tsx test/bench/odd-problems.ts [options]
 *
 *   --samplers auto,tpe    of our registry, each beside random search
 *   --only TEXT            only problems whose group or name contains it
 *   --seeds 3              studies of each sampler on each problem: 3 take about 5 minutes, one takes less than 2
 *   --json FILE            writes all scores
 *
 * The table has the median score of each sampler (less is better) and the share of seeds on which it is worse than random search
 * with the same seed, whose first trials are the same; milliseconds are per trial.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { samplerRegistry } from '../../samplers/index.ts';
import { setLogLevel } from '../../src/index.ts';
import { quantile } from '../../src/math/statistics.ts';
import type { OddCase } from './odd-builders.ts';
import { ODD_CASES } from './odd-cases.ts';
import { runOddCase } from './odd-run.ts';

const { values: options } = parseArgs({
  options: {
    samplers: { type: 'string', default: 'auto,tpe' },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

interface Row {
  /** By sampler, one per seed. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
  /** By sampler: milliseconds per trial. */
  readonly ms: Readonly<Record<string, number>>;
}

setLogLevel('silent');
const nSeeds = Number(options.seeds);
const tested = options.samplers.split(',');
const all = [...tested, 'random'];

async function measured(odd: OddCase): Promise<Row> {
  const scores: Record<string, number[]> = {};
  const ms: Record<string, number> = {};
  for (const name of all) {
    let total = 0;
    scores[name] = [];
    for (let seed = 1; seed <= nSeeds; seed++) {
      const { score, seconds } = await runOddCase(odd, samplerRegistry.get(name)({ seed }), seed).catch(
        (error: unknown) => {
          console.error(`${odd.group}: ${odd.label}, ${name}, seed ${seed}: ${String(error)}`);
          return { score: Number.NaN, seconds: 0 };
        },
      );
      scores[name].push(score);
      total += seconds;
    }
    ms[name] = (1000 * total) / (nSeeds * odd.nTrials);
  }
  return { scores, ms };
}

/** What threw (NaN) has lost, too. */
const isWorse = (score: number, random: number): boolean => !(score <= random);
const median = (scores: readonly number[]): number =>
  scores.some(Number.isNaN) ? Number.NaN : quantile(scores, 0.5);
const nLost = ({ scores }: Row, name: string): number =>
  scores[name].filter((score, seed) => isWorse(score, scores['random'][seed])).length;
const hasLost = ({ scores }: Row, name: string): boolean =>
  isWorse(median(scores[name]), median(scores['random']));
const shown = (score: number): string =>
  Number.isNaN(score) ? 'threw' : Number.isFinite(score) ? score.toPrecision(3) : 'nothing';
const line = (title: string, cells: readonly string[]): string =>
  title.padEnd(56) + cells.map((cell) => cell.padStart(13)).join('');

console.log(`${nSeeds} seeds, node ${process.version}`);
console.log(
  line('problem', [...all, ...tested.map((name) => `${name} worse`), ...tested.map((name) => `${name} ms`)]),
);
const rows: (Row & { readonly label: string })[] = [];
for (const odd of ODD_CASES) {
  const label = `${odd.group}: ${odd.label}`;
  if (!label.includes(options.only)) continue;
  const row = await measured(odd);
  rows.push({ label, ...row });
  console.log(
    line(label, [
      ...all.map((name) => shown(median(row.scores[name])) + (hasLost(row, name) ? ' !' : '  ')),
      ...tested.map((name) => `${nLost(row, name)} of ${nSeeds}`),
      ...tested.map((name) => row.ms[name].toFixed(1)),
    ]),
  );
}
for (const name of tested) {
  const nProblems = rows.filter((row) => hasLost(row, name)).length;
  const nStudies = rows.reduce((sum, row) => sum + nLost(row, name), 0);
  const share = ((100 * nStudies) / (rows.length * nSeeds)).toFixed(0);
  console.log(
    `${name} has a worse median (!) than random search on ${nProblems} of ${rows.length} problems, and is worse on ${share} % of the seeds`,
  );
}
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(rows));
