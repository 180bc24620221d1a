/**
 * Does a sampler ever do worse than random search? On problems such as users bring: regions that fail, penalties, constraints that
 * hold nowhere at first, plateaus, noise, up to 1000 parameters. No peer is needed.
 *
 *   npx tsx test/bench/odd-problems.ts [options]
 *
 *   --samplers auto,tpe    of our registry, each beside random search
 *   --only TEXT            only problems whose group or name contains it
 *   --seeds 3              studies of each sampler on each problem
 *   --json FILE            writes all scores
 *
 * The table has the median score of each sampler (less is better) and the share of seeds on which it is worse than random search
 * with the same seed, whose first trials are the same.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { samplerRegistry } from '../../samplers/index.ts';
import { quantile } from '../../src/compare/index.ts';
import { setLogLevel } from '../../src/index.ts';
import { ODD_CASES } from './odd-cases.ts';
import { runOddCase } from './odd-run.ts';
import { table } from './quality-tables.ts';

const { values: options } = parseArgs({
  options: {
    samplers: { type: 'string', default: 'auto,tpe' },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

interface Row {
  readonly label: string;
  /** By sampler, one per seed. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
  /** By sampler: milliseconds per trial. */
  readonly ms: Readonly<Record<string, number>>;
}

setLogLevel('silent');
const nSeeds = Number(options.seeds);
const tested = options.samplers.split(',');
const all = [...tested, 'random'];
const rows: Row[] = [];
const cases = ODD_CASES.filter(({ group, label }) => `${group}: ${label}`.includes(options.only));
for (const odd of cases) {
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
  rows.push({ label: `${odd.group}: ${odd.label}`, scores, ms });
  if (process.stderr.isTTY) process.stderr.write(`\r${rows.length} of ${cases.length} problems `);
}

/** What threw (NaN) has lost, too. */
const isWorse = (score: number, random: number): boolean => !(score <= random);
const median = (scores: readonly number[]): number =>
  scores.some(Number.isNaN) ? Number.NaN : quantile(scores, 0.5);
const lost = ({ scores }: Row, name: string): number =>
  scores[name].filter((score, seed) => isWorse(score, scores['random'][seed])).length;
const loses = ({ scores }: Row, name: string): boolean =>
  isWorse(median(scores[name]), median(scores['random']));
const shown = (score: number): string =>
  Number.isNaN(score) ? 'threw' : Number.isFinite(score) ? score.toPrecision(3) : 'nothing';

console.log(`${nSeeds} seeds, node ${process.version}`);
console.log(
  table(
    [
      'problem',
      ...all,
      ...tested.map((name) => `${name} worse`),
      ...tested.map((name) => `${name} ms/trial`),
    ],
    rows.map((row) => [
      row.label,
      ...all.map(
        (name) => shown(median(row.scores[name])) + (name !== 'random' && loses(row, name) ? ' !' : '  '),
      ),
      ...tested.map((name) => `${lost(row, name)} of ${nSeeds}`),
      ...tested.map((name) => row.ms[name].toFixed(1)),
    ]),
  ),
);
for (const name of tested) {
  const nLost = rows.filter((row) => loses(row, name)).length;
  const nSeedsLost = rows.reduce((sum, row) => sum + lost(row, name), 0);
  const share = ((100 * nSeedsLost) / (rows.length * nSeeds)).toFixed(0);
  console.log(
    `${name} has a worse median (!) than random search on ${nLost} of ${rows.length} problems, and is worse on ${share} % of the seeds`,
  );
}
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(rows));
