/**
 * Error functions by W. J. Cody's rational Chebyshev approximations (Math. Comp. 23, 1969), relative error about
 * 1e-16 over the whole real line.
 *
 * Design note: @stdlib has erfc and erfcx, each behind a dozen packages, but no logarithm of the normal distribution's tail.
 */
const SMALL = 0.46875;
const INV_SQRT_PI = 0.5641895835477563;

const A = [3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315];
const B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const C = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const D = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
  0.016315387137302097,
];
const Q = [
  2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];

/** erf(x) for |x| <= 0.46875. */
function erfNearZero(x: number): number {
  const z = x * x;
  let numerator = A[4] * z;
  let denominator = z;
  for (let i = 0; i < 3; i++) {
    numerator = (numerator + A[i]) * z;
    denominator = (denominator + B[i]) * z;
  }
  return (x * (numerator + A[3])) / (denominator + B[3]);
}

/** exp(y^2) erfc(y) for y > 0.46875. */
function erfcxRight(y: number): number {
  if (y <= 4) {
    let numerator = C[8] * y;
    let denominator = y;
    for (let i = 0; i < 7; i++) {
      numerator = (numerator + C[i]) * y;
      denominator = (denominator + D[i]) * y;
    }
    return (numerator + C[7]) / (denominator + D[7]);
  }
  const z = 1 / (y * y);
  let numerator = P[5] * z;
  let denominator = z;
  for (let i = 0; i < 4; i++) {
    numerator = (numerator + P[i]) * z;
    denominator = (denominator + Q[i]) * z;
  }
  return (INV_SQRT_PI - (z * (numerator + P[4])) / (denominator + Q[4])) / y;
}

/** exp(-y^2) without the rounding error of y^2: y is split at 1/16. */
function expMinusSquare(y: number): number {
  const head = Math.trunc(y * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(y - head) * (y + head));
}

/** The error function. */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (y <= SMALL) return erfNearZero(x);
  const tail = y > 6 ? 0 : expMinusSquare(y) * erfcxRight(y);
  return x > 0 ? 1 - tail : tail - 1;
}

/** 1 - erf(x), accurate in the right tail. */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= SMALL) return 1 - erfNearZero(x);
  const tail = y > 27 ? 0 : expMinusSquare(y) * erfcxRight(y);
  return x > 0 ? tail : 2 - tail;
}

/** The scaled complement exp(x^2) erfc(x); Infinity once it overflows (x < -26.6). */
export function erfcx(x: number): number {
  if (x > SMALL) return erfcxRight(x);
  if (x >= -SMALL) return Math.exp(x * x) * (1 - erfNearZero(x));
  return 2 / expMinusSquare(-x) - erfcxRight(-x);
}
