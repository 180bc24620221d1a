// Which sampler suits a problem, and is the difference more than luck? Ten runs of each, tested against each other.
// On the command line: thanos compare --problem branin --samplers random,tpe --report branin.html
//   npm run build && npx tsx examples/04-compare-samplers.ts
import { compareSamplers, float, space, verdicts } from 'thanos-hpo';
import { RandomSampler, TpeSampler } from 'thanos-hpo/samplers';
import { InMemoryStorage } from 'thanos-hpo/storage';

const comparison = await compareSamplers({
  problem: {
    name: 'branin',
    space: space({ x: float(-5, 10), y: float(0, 15) }),
    directions: ['minimize'],
    evaluate: ({ x, y }) =>
      (y - (5.1 * x ** 2) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10,
  },
  samplers: [
    { name: 'random', make: (seed) => new RandomSampler({ seed }) },
    { name: 'tpe', make: (seed) => new TpeSampler({ seed }) },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  nTrials: 60,
  storage: new InMemoryStorage(), // a SqliteStorage would let an interrupted comparison go on
});

for (const { name, median, q1, q3, wins } of comparison.samplers)
  console.log(
    `${name}: median ${median.toFixed(3)} [${q1.toFixed(3)}, ${q3.toFixed(3)}], best on ${wins} seeds`,
  );
for (const verdict of verdicts(comparison)) console.log(verdict);
