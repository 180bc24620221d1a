/**
 * Puts a meaning into Velan: verb last, adjectives after the noun and in agreement with it (gender, number, case),
 * owners before what they own, postpositions, reasons before what they explain, negation as a prefix of the verb,
 * genitive plural after numbers from five on, and a past tense that shows the subject's gender.
 */
import type { Gender, Noun } from './lexicon.ts';
import {
  type Action,
  type Clause,
  type Entity,
  isFirstPerson,
  isPlural,
  kindOf,
  type Meaning,
  type MonthDay,
  type NounPhrase,
  nounOf,
  pronounFor,
  type RelativeClause,
} from './meaning.ts';
import { velanNumeral } from './numerals.ts';

type Case = 'nominative' | 'accusative' | 'dative' | 'genitive';
type Endings = Readonly<Record<Case, string>>;

function endings(list: string): Endings {
  const [nominative, accusative, dative, genitive] = list.split(' ');
  return { nominative, accusative, dative, genitive };
}

/** The endings of articles, adjectives and pronouns; the plural is the same for all genders. */
const AGREEMENT: Readonly<Record<Gender | 'plural', Endings>> = {
  m: endings('o on ul os'),
  f: endings('a an il as'),
  n: endings('e en el es'),
  plural: endings('i in im iv'),
};

const DECLENSION: Readonly<Record<Noun['declension'], { singular: Endings; plural: Endings }>> = {
  A: { singular: endings(' u em ar'), plural: endings('ok oku okem ov') },
  B: { singular: endings('ia ie iam iar'), plural: endings('et etu etem ev') },
};

const FIRST_PERSON = { singular: endings('mi min mim mis'), plural: endings('nos nosun nosim nosiv') };

export function inVelan(meaning: Meaning): string {
  const { clause } = meaning;
  switch (meaning.type) {
    case 'statement':
      return [...velanClause(clause), '.'].join(' ');
    case 'question':
      return ['ka', ...velanClause(clause), '?'].join(' ');
    case 'sequel': {
      const { sequel } = meaning;
      const object = clause.object === null ? null : pronounFor(clause.object);
      return [
        ...velanClause(clause),
        sequel.negated ? 'mas' : 'et',
        ...optionalEntity(object, 'accusative'),
        velanVerb(sequel, clause.subject, object),
        '.',
      ].join(' ');
    }
    case 'reason':
      return [...velanClause(meaning.reason), 'dar', ',', ...velanClause(clause), '.'].join(' ');
  }
}

function velanClause(clause: Clause): string[] {
  const { subject, object, recipient, place, date, adverb } = clause;
  return [
    ...(date === null ? [] : velanDate(date)),
    ...velanEntity(subject, 'nominative'),
    ...(place === null ? [] : [...velanEntity(place.where, 'dative'), place.preposition.velan]),
    ...optionalEntity(recipient, 'dative'),
    ...optionalEntity(object, 'accusative'),
    ...(adverb === null ? [] : [adverb.velan]),
    velanVerb(clause, subject, object),
  ];
}

function optionalEntity(entity: Entity | null, grammaticalCase: Case): string[] {
  return entity === null ? [] : velanEntity(entity, grammaticalCase);
}

function velanEntity(entity: Entity, grammaticalCase: Case): string[] {
  if (entity.type === 'noun') return velanNounPhrase(entity, grammaticalCase);
  if (isFirstPerson(entity)) return [FIRST_PERSON[entity.plural ? 'plural' : 'singular'][grammaticalCase]];
  return [`l${agreement(entity)[grammaticalCase]}`];
}

function velanNounPhrase(phrase: NounPhrase, grammaticalCase: Case): string[] {
  const { noun, determiner, adjectives, owner, relative } = phrase;
  const agreeing = agreement(phrase);
  const counted = determiner.type === 'count' && determiner.count >= 5;
  const shown = counted ? 'genitive' : grammaticalCase;
  const declension = DECLENSION[noun.declension][isPlural(phrase) ? 'plural' : 'singular'];
  return [
    ...(owner === null ? [] : velanNounPhrase(owner, 'genitive')),
    ...(determiner.type === 'the' ? [`t${agreeing[shown]}`] : []),
    ...(determiner.type === 'this' ? [`vor${agreeing[shown]}`] : []),
    ...(determiner.type === 'count' ? velanNumeral(determiner.count) : []),
    noun.stem + declension[shown],
    ...adjectives.map((a) => a.velan + agreeing[shown]),
    ...(relative === null ? [] : relativeClause(phrase, relative)),
  ];
}

function relativeClause(head: NounPhrase, relative: RelativeClause): string[] {
  const { headIs, other } = relative;
  const pronoun = `kel${agreement(head)[headIs === 'subject' ? 'nominative' : 'accusative']}`;
  if (headIs === 'subject')
    return [pronoun, ...velanEntity(other, 'accusative'), velanVerb(relative, head, other)];
  return [pronoun, ...velanEntity(other, 'nominative'), velanVerb(relative, other, head)];
}

/** Endings of what agrees with an entity; "I" counts as masculine. */
function agreement(entity: Entity): Endings {
  return AGREEMENT[isPlural(entity) ? 'plural' : (nounOf(entity)?.gender ?? 'm')];
}

function velanVerb({ verb, tense, negated }: Action, subject: Entity, object: Entity | null): string {
  const { otherwise } = verb;
  const decisive = otherwise?.participant === 'subject' ? subject : object;
  const stem =
    otherwise !== undefined && decisive !== null && otherwise.kinds.includes(kindOf(decisive))
      ? otherwise.stem
      : verb.stem;
  return (negated ? 'ne' : '') + stem + verbEnding(tense, subject);
}

function verbEnding(tense: Action['tense'], subject: Entity): string {
  if (tense === 'past') return `al${agreement(subject).nominative}`;
  const plural = isPlural(subject);
  const person = isFirstPerson(subject) ? (plural ? 'umi' : 'um') : plural ? 'ent' : 'et';
  return tense === 'present' ? person : `or${person}`;
}

/** The day in words, the month, the year in digits, and `dien`, "on the day". */
function velanDate({ month, day, year }: MonthDay): string[] {
  return [...velanNumeral(day), month.velan, ...(year === null ? [] : [String(year)]), 'dien'];
}
