/** Puts a meaning into English: subject - verb - object, adjectives before the noun, "do" in negations and questions. */

import {
  type Action,
  type Clause,
  type Determiner,
  type Entity,
  isFirstPerson,
  isPlural,
  type Meaning,
  type MonthDay,
  nounOf,
  pronounFor,
  type RelativeClause,
} from './meaning.ts';
import { englishNumeral } from './numerals.ts';

export function inEnglish(meaning: Meaning): string {
  const { clause } = meaning;
  switch (meaning.type) {
    case 'statement':
      return [...statement(clause), '.'].join(' ');
    case 'question':
      return [...question(clause), '?'].join(' ');
    case 'sequel': {
      const { sequel } = meaning;
      const object = clause.object === null ? [] : englishEntity(pronounFor(clause.object), 'object');
      return [
        ...statement(clause),
        sequel.negated ? 'but' : 'and',
        ...verbGroup(sequel, clause.subject),
        ...object,
        '.',
      ].join(' ');
    }
    case 'reason':
      return [...statement(clause), 'because', ...statement(meaning.reason), '.'].join(' ');
  }
}

function statement(clause: Clause): string[] {
  return [...englishEntity(clause.subject, 'subject'), ...verbGroup(clause, clause.subject), ...rest(clause)];
}

function question(clause: Clause): string[] {
  const { subject, verb, negated } = clause;
  return [
    auxiliary(clause, subject),
    ...englishEntity(subject, 'subject'),
    ...(negated ? ['not'] : []),
    verb.base,
    ...rest(clause),
  ];
}

function rest({ object, recipient, place, adverb, date }: Clause): string[] {
  return [
    ...(object === null ? [] : englishEntity(object, 'object')),
    ...(recipient === null ? [] : ['to', ...englishEntity(recipient, 'object')]),
    ...(place === null ? [] : [place.preposition.english, ...englishEntity(place.where, 'object')]),
    ...(adverb === null ? [] : [adverb.english]),
    ...(date === null ? [] : englishDate(date)),
  ];
}

function isThirdSingular(subject: Entity): boolean {
  return !isPlural(subject) && !isFirstPerson(subject);
}

function auxiliary({ tense }: Action, subject: Entity): string {
  if (tense === 'future') return 'will';
  if (tense === 'past') return 'did';
  return isThirdSingular(subject) ? 'does' : 'do';
}

function verbGroup(action: Action, subject: Entity): string[] {
  const { verb, tense, negated } = action;
  if (negated) return [auxiliary(action, subject), 'not', verb.base];
  if (tense === 'future') return ['will', verb.base];
  if (tense === 'past') return [verb.past];
  return [isThirdSingular(subject) ? verb.third : verb.base];
}

function englishEntity(entity: Entity, role: 'subject' | 'object'): string[] {
  if (entity.type === 'pronoun') return [englishPronoun(entity, role)];
  const { noun, determiner, adjectives, owner, relative } = entity;
  return [
    ...englishDeterminer(determiner, adjectives[0]?.english ?? noun.singular),
    ...adjectives.map((a) => a.english),
    isPlural(entity) ? noun.plural : noun.singular,
    ...(owner === null ? [] : ['of', ...englishEntity(owner, 'object')]),
    ...(relative === null ? [] : ['that', ...relativeClause(entity, relative)]),
  ];
}

function relativeClause(head: Entity, relative: RelativeClause): string[] {
  if (relative.headIs === 'subject')
    return [...verbGroup(relative, head), ...englishEntity(relative.other, 'object')];
  return [...englishEntity(relative.other, 'subject'), ...verbGroup(relative, relative.other)];
}

function englishDeterminer(determiner: Determiner, nextWord: string): string[] {
  switch (determiner.type) {
    case 'the':
      return ['the'];
    case 'this':
      return [determiner.plural ? 'these' : 'this'];
    case 'a':
      return [/^[aeiou]/u.test(nextWord) ? 'an' : 'a'];
    case 'bare':
      return [];
    case 'count':
      return determiner.inDigits ? [String(determiner.count)] : englishNumeral(determiner.count);
  }
}

function englishPronoun(entity: Entity, role: 'subject' | 'object'): string {
  const noun = nounOf(entity);
  const [subject, object] = isPlural(entity)
    ? noun === null
      ? ['we', 'us']
      : ['they', 'them']
    : noun === null
      ? ['i', 'me']
      : noun.kind !== 'human'
        ? ['it', 'it']
        : noun.gender === 'm'
          ? ['he', 'him']
          : ['she', 'her'];
  return role === 'subject' ? subject : object;
}

function englishDate({ month, day, year }: MonthDay): string[] {
  return ['on', month.english, String(day), ...(year === null ? [] : [',', String(year)])];
}
