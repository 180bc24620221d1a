/**
 * Error functions by W. J. Cody's rational Chebyshev approximations (Math. Comp. 23, 1969), relative error about
 * 1e-16 over the whole real line.
 */
const SMALL = 0.46875;
const INV_SQRT_PI = 0.564189583547756286948;

const A = [
  3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947, 0.185777706184603153,
];
const B = [23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
const C = [
  0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131, 881.95222124176909,
  1712.04761263407058, 2051.07837782607147, 1230.33935479799725, 2.15311535474403846e-8,
];
const D = [
  15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
  4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
const P = [
  0.305326634961232344, 0.360344899949804439, 0.125781726111229246, 0.0160837851487422766,
  6.58749161529837803e-4, 0.0163153871373020978,
];
const Q = [
  2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191,
  2.33520497626869185e-3,
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
