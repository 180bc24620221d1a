/** BBOB f15 to f19: multimodal, with a global structure. */
import type { BbobMaker } from './bbob-function.ts';
import { rosenbrockScale, whereOnes } from './moderate.ts';
import { rastriginOf } from './separable.ts';
import {
  asymmetric,
  conditioned,
  minus,
  oscillate,
  outside,
  scaled,
  scales,
  sumOf,
  times,
} from './transformations.ts';

/** f15 */
export const rastrigin: BbobMaker = ({ xopt, r, q }) => {
  const matrix = conditioned(r, 10, q);
  return {
    xopt,
    above: (x) => rastriginOf(times(matrix, asymmetric(times(r, minus(x, xopt)).map(oscillate), 0.2))),
  };
};

const WEIERSTRASS_TERMS = Array.from({ length: 12 }, (_, k) => ({ weight: 0.5 ** k, frequency: 3 ** k }));

/** sum_k 2^-k cos(2 pi 3^k (z + 1/2)) */
function weierstrassSeries(z: number): number {
  return WEIERSTRASS_TERMS.reduce(
    (sum, { weight, frequency }) => sum + weight * Math.cos(2 * Math.PI * (z + 0.5) * frequency),
    0,
  );
}

/** f16: rugged and repetitive; its optimum is not unique. */
export const weierstrass: BbobMaker = ({ xopt, r, q, dimension }) => {
  const matrix = conditioned(r, 1 / 100, q);
  const least = weierstrassSeries(0);
  return {
    xopt,
    above: (x) => {
      const z = times(matrix, times(r, minus(x, xopt)).map(oscillate));
      const mean = sumOf(z, weierstrassSeries) / dimension;
      return 10 * (mean - least) ** 3 + (10 / dimension) * outside(x);
    },
  };
};

/** Schaffer's F7: ripples whose frequency and height vary. */
function schaffers(condition: number): BbobMaker {
  return ({ xopt, r, q, dimension }) => {
    const lambda = scales(dimension, condition);
    return {
      xopt,
      above: (x) => {
        const z = scaled(lambda, times(q, asymmetric(times(r, minus(x, xopt)), 0.5)));
        const ripples = sumOf(z.slice(1), (value, i) => {
          const s = z[i] ** 2 + value ** 2;
          return s ** 0.25 * (1 + Math.sin(50 * s ** 0.1) ** 2);
        });
        return (ripples / (dimension - 1)) ** 2 + 10 * outside(x);
      },
    };
  };
}

/** f17 */
export const schaffersF7 = schaffers(10);

/** f18 */
export const illConditionedSchaffersF7 = schaffers(1000);

/** f19: Rosenbrock's valley, rippled. */
export const griewankRosenbrock: BbobMaker = ({ q, dimension }) => {
  const scale = rosenbrockScale(dimension);
  return {
    xopt: whereOnes(q, scale),
    above: (x) => {
      const z = times(q, x).map((value) => scale * value + 0.5);
      const ripples = sumOf(z.slice(1), (value, i) => {
        const s = 100 * (z[i] ** 2 - value) ** 2 + (z[i] - 1) ** 2;
        return s / 4000 - Math.cos(s);
      });
      return 10 + (10 * ripples) / (dimension - 1);
    },
  };
};
