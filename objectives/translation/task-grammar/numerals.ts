/** Numerals of both languages, 0 … 999. English counts down (347 = 300 + 40 + 7); Velan says units before tens (300 + 7 + 40). */
import { InvalidArgumentError } from '../../../src/core/errors.ts';

const ENGLISH_SMALL = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
  'seventeen eighteen nineteen'
).split(' ');
const ENGLISH_TENS = ' ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const VELAN_UNITS = 'nul os bel tir kav pim ses vet ok nar'.split(' ');

function digitsOf(n: number): { hundreds: number; tens: number; units: number } {
  if (!Number.isInteger(n) || n < 0 || n > 999)
    throw new InvalidArgumentError(`a numeral must be an integer in [0, 999], but is ${n}`);
  return { hundreds: Math.floor(n / 100), tens: Math.floor(n / 10) % 10, units: n % 10 };
}

/** 347 is `three hundred forty seven`. */
export function englishNumeral(n: number): string[] {
  const { hundreds, tens, units } = digitsOf(n);
  const words = hundreds > 0 ? [ENGLISH_SMALL[hundreds], 'hundred'] : [];
  const rest = n % 100;
  if (rest < 20) {
    if (rest > 0 || n === 0) words.push(ENGLISH_SMALL[rest]);
    return words;
  }
  words.push(ENGLISH_TENS[tens]);
  if (units > 0) words.push(ENGLISH_SMALL[units]);
  return words;
}

/** 347 is `tir kenta vet u kavdek`; one hundred is plain `kenta`, ten plain `dek`. */
export function velanNumeral(n: number): string[] {
  const { hundreds, tens, units } = digitsOf(n);
  const words: string[] = [];
  if (hundreds > 1) words.push(VELAN_UNITS[hundreds]);
  if (hundreds > 0) words.push('kenta');
  if (units > 0 || n === 0) words.push(VELAN_UNITS[units]);
  if (units > 0 && tens > 0) words.push('u');
  if (tens > 0) words.push(tens === 1 ? 'dek' : `${VELAN_UNITS[tens]}dek`);
  return words;
}
