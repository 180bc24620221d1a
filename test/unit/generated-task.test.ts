import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateTask } from '../../objectives/translation/generated-task.ts';
import { drawMeaning } from '../../objectives/translation/task-grammar/draw-meaning.ts';
import { inEnglish } from '../../objectives/translation/task-grammar/english.ts';
import * as lexicon from '../../objectives/translation/task-grammar/lexicon.ts';
import type {
  Clause,
  Determiner,
  Entity,
  Meaning,
  NounPhrase,
} from '../../objectives/translation/task-grammar/meaning.ts';
import { englishNumeral, velanNumeral } from '../../objectives/translation/task-grammar/numerals.ts';
import { inVelan } from '../../objectives/translation/task-grammar/velan.ts';
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';

const NOUNS = [...lexicon.HUMANS, ...lexicon.ANIMALS, ...lexicon.THINGS, ...lexicon.PLACES];
const VERBS = [...lexicon.INTRANSITIVE, ...lexicon.TRANSITIVE, ...lexicon.DITRANSITIVE];

function byName<T>(list: readonly T[], nameOf: (item: T) => string, name: string): T {
  const found = list.find((item) => nameOf(item) === name);
  if (found === undefined) throw new Error(`no '${name}' in the lexicon`);
  return found;
}

const adjective = (name: string) => byName(lexicon.ADJECTIVES, (w) => w.english, name);

function np(
  name: string,
  determiner: Determiner,
  adjectives: string[] = [],
  more: Partial<NounPhrase> = {},
): NounPhrase {
  const noun = byName(NOUNS, (n) => n.singular, name);
  return {
    type: 'noun',
    noun,
    determiner,
    adjectives: adjectives.map(adjective),
    owner: null,
    relative: null,
    ...more,
  };
}

const THE: Determiner = { type: 'the', plural: false };
const THE_PLURAL: Determiner = { type: 'the', plural: true };
const count = (n: number): Determiner => ({ type: 'count', count: n, inDigits: true });
const verb = (base: string) => byName(VERBS, (v) => v.base, base);
const I: Entity = { type: 'pronoun', plural: false, antecedent: null };

function clause(subject: Entity, base: string, object: Entity | null, more: Partial<Clause> = {}): Clause {
  return {
    verb: verb(base),
    tense: 'past',
    negated: false,
    subject,
    object,
    recipient: null,
    place: null,
    date: null,
    adverb: null,
    ...more,
  };
}

function both(meaning: Meaning): [string, string] {
  return [inEnglish(meaning), inVelan(meaning)];
}

const statement = (c: Clause): [string, string] => both({ type: 'statement', clause: c });

describe('numerals', () => {
  const SMALL =
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
      ' ',
    );
  const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
  const UNITS = 'nul os bel tir kav pim ses vet ok nar'.split(' ');

  function readEnglish(words: readonly string[]): number {
    return words.reduce((sum, word) => {
      if (word === 'hundred') return sum * 100;
      return sum + (SMALL.includes(word) ? SMALL.indexOf(word) : 20 + 10 * TENS.indexOf(word));
    }, 0);
  }

  function readVelan(words: readonly string[]): number {
    return words.reduce((sum, word) => {
      if (word === 'kenta') return sum === 0 ? 100 : sum * 100;
      if (word === 'u') return sum;
      if (word === 'dek') return sum + 10;
      if (word.endsWith('dek')) return sum + 10 * UNITS.indexOf(word.slice(0, -3));
      return sum + UNITS.indexOf(word);
    }, 0);
  }

  it('every number from 0 to 999 can be read back, in both languages', () => {
    for (let n = 0; n < 1000; n++) {
      expect(readEnglish(englishNumeral(n))).toBe(n);
      expect(readVelan(velanNumeral(n))).toBe(n);
    }
    expect(new Set(Array.from({ length: 1000 }, (_, n) => velanNumeral(n).join(' '))).size).toBe(1000);
  });

  it('Velan says units before tens', () => {
    expect(englishNumeral(347).join(' ')).toBe('three hundred forty seven');
    expect(velanNumeral(347).join(' ')).toBe('tir kenta vet u kavdek');
  });

  it('refuses what has no name', () => {
    for (const n of [-1, 1000, 1.5]) expect(() => velanNumeral(n)).toThrow(InvalidArgumentError);
  });
});

describe('the two languages', () => {
  it('English is subject - verb - object, Velan subject - object - verb with adjectives after the noun', () => {
    expect(statement(clause(np('farmer', THE, ['old']), 'see', np('house', THE, ['red'])))).toEqual([
      'the old farmer saw the red house .',
      'to gorad stalro tan domiru roshan vidralo .',
    ]);
  });

  it('articles and adjectives agree in gender, number and case, the past with the gender of the subject', () => {
    expect(statement(clause(np('girl', THE, ['young']), 'see', np('letter', THE, ['young'])))[1]).toBe(
      'ta dilin yuvina ten graptu yuvinen vidrala .',
    );
    expect(statement(clause(np('girl', THE_PLURAL, ['young']), 'see', np('king', THE_PLURAL)))[1]).toBe(
      'ti dilinok yuvini tin torvanoku vidrali .',
    );
    expect(statement(clause(I, 'see', np('king', THE), { tense: 'present' }))).toEqual([
      'i see the king .',
      'mi ton torvanu vidrum .',
    ]);
  });

  it('counted nouns are in the plural, from five on in the genitive', () => {
    const seen = (n: number) => statement(clause(I, 'see', np('dog', count(n), ['red'])));
    expect(seen(4)).toEqual(['i saw 4 red dogs .', 'mi kav vulkoku roshin vidralo .']);
    expect(seen(15)).toEqual(['i saw 15 red dogs .', 'mi pim u dek vulkov roshiv vidralo .']);
  });

  it('negation is a prefix, and English needs "do" for it and for questions', () => {
    const sleeps = clause(np('wolf', THE), 'sleep', null, { tense: 'present', negated: true });
    expect(statement(sleeps)).toEqual(['the wolf does not sleep .', 'ta grem nedormet .']);
    expect(both({ type: 'question', clause: sleeps })).toEqual([
      'does the wolf not sleep ?',
      'ka ta grem nedormet ?',
    ]);
  });

  it('recipients, places, adverbs and dates go before the verb, with postpositions', () => {
    const given = clause(np('queen', THE), 'give', np('ring', { type: 'a' }), {
      tense: 'future',
      recipient: np('boy', { type: 'this', plural: true }),
      place: { preposition: lexicon.PREPOSITIONS[0], where: np('garden', THE) },
      date: { month: lexicon.MONTHS[2], day: 14, year: 1987 },
    });
    expect(statement(given)).toEqual([
      'the queen will give a ring to these boys in the garden on march 14 , 1987 .',
      'kav u dek martes 1987 dien ta sarimia tul saduvem vun vorim peremetem dorinu donaroret .',
    ]);
  });

  it('relative pronouns agree with their noun and show its role in the relative clause', () => {
    const see = { verb: verb('see'), tense: 'past', negated: false } as const;
    const who = np('farmer', THE, [], { relative: { ...see, headIs: 'subject', other: np('cat', THE) } });
    const whom = np('farmer', THE, [], { relative: { ...see, headIs: 'object', other: np('cat', THE) } });
    expect(statement(clause(who, 'sleep', null))).toEqual([
      'the farmer that saw the cat slept .',
      'to gorad kelo ton miselie vidralo dormalo .',
    ]);
    expect(statement(clause(whom, 'sleep', null))).toEqual([
      'the farmer that the cat saw slept .',
      'to gorad kelon to miselia vidralo dormalo .',
    ]);
  });

  it('owners go before what they own, reasons before what they explain', () => {
    const house = np('house', THE, ['old'], { owner: np('king', THE) });
    const slept = clause(np('singer', THE), 'sleep', null);
    const he: Entity = {
      type: 'pronoun',
      plural: false,
      antecedent: slept.subject.type === 'noun' ? slept.subject.noun : null,
    };
    expect(both({ type: 'reason', clause: slept, reason: clause(he, 'paint', house) })).toEqual([
      'the singer slept because she painted the old house of the king .',
      'la tos torvanar tan domiru stalran piktala dar , ta vokal dormala .',
    ]);
  });

  it('"it" takes the gender of what it stands for, and some verbs depend on who does it to whom', () => {
    const sequel = { verb: verb('eat'), tense: 'past', negated: false } as const;
    expect(
      both({ type: 'sequel', clause: clause(np('dog', THE), 'find', np('apple', THE)), sequel }),
    ).toEqual(['the dog found the apple and ate it .', 'te vulk tan melunu trovale et lan fragale .']);
    expect(statement(clause(np('king', THE), 'eat', np('apple', THE)))[1]).toContain('manzalo');
    expect(statement(clause(np('king', THE), 'know', np('apple', THE)))[1]).toContain('sapralo');
    expect(statement(clause(np('king', THE), 'know', np('girl', THE)))[1]).toContain('kenilalo');
  });

  it('no two words of the lexicon share a form', () => {
    const english = NOUNS.flatMap((n) => [n.singular, n.plural]).concat(
      VERBS.flatMap((v) => [v.base, v.third, v.past]),
      [...lexicon.ADJECTIVES, ...lexicon.ADVERBS, ...lexicon.PREPOSITIONS].map((w) => w.english),
    );
    const velan = NOUNS.map((n) => n.stem).concat(
      VERBS.flatMap((v) => (v.otherwise === undefined ? [v.stem] : [v.stem, v.otherwise.stem])),
      [...lexicon.ADJECTIVES, ...lexicon.ADVERBS, ...lexicon.PREPOSITIONS, ...lexicon.MONTHS].map(
        (w) => w.velan,
      ),
    );
    for (const forms of [english, velan])
      expect(forms.filter((form, i) => forms.indexOf(form) !== i)).toEqual([]);
  });

  it('an English sentence has one translation', () => {
    const translation = new Map<string, string>();
    let repeated = 0;
    for (let draw = 0; draw < 20_000; draw++) {
      const meaning = drawMeaning(Rng.keyed('one reading', draw));
      const [english, velan] = both(meaning);
      const before = translation.get(english);
      if (before !== undefined) {
        expect(velan).toBe(before);
        repeated++;
      }
      translation.set(english, velan);
    }
    expect(repeated).toBeGreaterThan(100);
  });
});

describe('generateTask', () => {
  const task = generateTask({ seed: 1, trainPairs: 3000, validPairs: 200 });

  it('is the same for the same seed, and another for another', () => {
    expect(generateTask({ seed: 1, trainPairs: 3000, validPairs: 200 })).toEqual(task);
    expect(generateTask({ seed: 2, trainPairs: 3000, validPairs: 200 }).train).not.toEqual(task.train);
  });

  it('is the one that kept runs were trained on', () => {
    const text = JSON.stringify(generateTask({ seed: 1, trainPairs: 2000, validPairs: 100 }));
    expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe('282da2070d7ec4e1');
  });

  it('has the sizes asked for and no sentence twice', () => {
    expect([task.train.source.length, task.train.target.length]).toEqual([3000, 3000]);
    expect([task.valid.source.length, task.valid.target.length]).toEqual([200, 200]);
    expect(new Set([...task.train.source, ...task.valid.source]).size).toBe(3200);
  });

  it('a smaller training set is a prefix of a bigger one, with the same validation set', () => {
    const small = generateTask({ seed: 1, trainPairs: 500, validPairs: 200 });
    expect(small.valid).toEqual(task.valid);
    expect(small.train.source).toEqual(task.train.source.slice(0, 500));
  });

  it('uses the whole lexicon', () => {
    const words = new Set(task.train.source.join(' ').split(' '));
    const used = [
      ...NOUNS.flatMap((n) => [n.singular, n.plural]),
      ...VERBS.map((v) => v.past),
      ...[...lexicon.ADJECTIVES, ...lexicon.ADVERBS, ...lexicon.PREPOSITIONS, ...lexicon.MONTHS].map(
        (w) => w.english,
      ),
    ];
    expect(used.filter((word) => !words.has(word))).toEqual([]);
  });

  it('refuses sizes that are no positive integers', () => {
    expect(() => generateTask({ seed: 1, trainPairs: 0 })).toThrow(InvalidArgumentError);
  });
});
