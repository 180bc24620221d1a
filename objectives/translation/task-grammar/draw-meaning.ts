/** Draws a meaning at random. Phrases are kept apart so that the English sentence has one reading only. */
import type { Rng } from '../../../src/core/rng.ts';
import {
  ADJECTIVES,
  ADVERBS,
  ANIMALS,
  DITRANSITIVE,
  HUMANS,
  INTRANSITIVE,
  MONTHS,
  type Noun,
  PLACES,
  PREPOSITIONS,
  THINGS,
  TRANSITIVE,
  type Verb,
} from './lexicon.ts';
import {
  type Action,
  type Clause,
  type Determiner,
  type Entity,
  type Meaning,
  type MonthDay,
  type NounPhrase,
  pronounFor,
  type RelativeClause,
  type Tense,
} from './meaning.ts';

const ACTORS = [...HUMANS, ...HUMANS, ...ANIMALS];
const ANYTHING = [...HUMANS, ...ANIMALS, ...THINGS, ...PLACES];
const TENSES: readonly Tense[] = ['past', 'past', 'present', 'future'];

export function drawMeaning(rng: Rng): Meaning {
  const chance = (p: number): boolean => rng.uniform() < p;
  const clause = drawClause(rng, null);
  if (clause.object !== null && chance(0.2)) {
    const negated = chance(0.3);
    return {
      type: 'sequel',
      clause: withoutDate(clause),
      sequel: { ...drawAction(rng, TRANSITIVE), negated },
    };
  }
  if (chance(0.15))
    return {
      type: 'reason',
      clause: withoutDate(clause),
      reason: drawClause(rng, pronounFor(clause.subject)),
    };
  return { type: chance(0.15) ? 'question' : 'statement', clause };
}

function withoutDate(clause: Clause): Clause {
  return { ...clause, date: null, adverb: null };
}

/** @param subject null to draw one. */
function drawClause(rng: Rng, subject: Entity | null): Clause {
  const chance = (p: number): boolean => rng.uniform() < p;
  const valency = rng.weightedIndex([0.25, 0.6, 0.15]);
  const action = drawAction(rng, [INTRANSITIVE, TRANSITIVE, DITRANSITIVE][valency]);
  const richness = chance(0.5) ? 'rich' : 'plain';
  return {
    ...action,
    subject: subject ?? drawSubject(rng, richness),
    object: valency === 0 ? null : drawNounPhrase(rng, valency === 2 ? THINGS : ANYTHING, 'rich'),
    recipient: valency === 2 ? drawNounPhrase(rng, ACTORS, 'plain') : null,
    place: chance(valency === 0 ? 0.6 : 0.15)
      ? { preposition: rng.pick(PREPOSITIONS), where: drawNounPhrase(rng, PLACES, 'plain') }
      : null,
    adverb: chance(0.15) ? rng.pick(ADVERBS) : null,
    date: chance(0.12) ? drawDate(rng) : null,
  };
}

function drawAction(rng: Rng, verbs: readonly Verb[]): Action {
  return { verb: rng.pick(verbs), tense: rng.pick(TENSES), negated: rng.uniform() < 0.2 };
}

function drawSubject(rng: Rng, richness: 'plain' | 'rich'): Entity {
  return rng.uniform() < 0.2 ? drawPronoun(rng) : drawNounPhrase(rng, ACTORS, richness);
}

/** "i", "we", "he", "she" or "they": "it" only stands for something named before. */
function drawPronoun(rng: Rng): Entity {
  const antecedent = rng.uniform() < 0.4 ? null : rng.pick(HUMANS);
  return { type: 'pronoun', plural: rng.uniform() < 0.4, antecedent };
}

/** A rich phrase may own, be owned and have a relative clause; a plain one has adjectives at most. */
function drawNounPhrase(rng: Rng, from: readonly Noun[], richness: 'plain' | 'rich'): NounPhrase {
  const noun = rng.pick(from);
  const adjectives = rng.shuffled(ADJECTIVES).slice(0, rng.weightedIndex([0.5, 0.38, 0.12]));
  const determiner = drawDeterminer(rng);
  const addition = richness === 'rich' ? rng.weightedIndex([0.68, 0.14, 0.18]) : 0;
  return {
    type: 'noun',
    noun,
    determiner,
    adjectives,
    owner: addition === 1 ? drawNounPhrase(rng, HUMANS, 'plain') : null,
    relative: addition === 2 ? drawRelative(rng, noun) : null,
  };
}

function drawDeterminer(rng: Rng): Determiner {
  switch (rng.weightedIndex([0.45, 0.1, 0.18, 0.07, 0.2])) {
    case 0:
      return { type: 'the', plural: rng.uniform() < 0.35 };
    case 1:
      return { type: 'this', plural: rng.uniform() < 0.35 };
    case 2:
      return { type: 'a' };
    case 3:
      return { type: 'bare' };
    default:
      return { type: 'count', count: drawCount(rng), inDigits: rng.uniform() < 0.5 };
  }
}

/** 2 … 999, small numbers as often as big ones. */
function drawCount(rng: Rng): number {
  return 2 + rng.int([9, 98, 998][rng.int(3)]);
}

function drawRelative(rng: Rng, head: Noun): RelativeClause {
  const action = drawAction(rng, TRANSITIVE);
  const canAct = head.kind === 'human' || head.kind === 'animal';
  const headIs = canAct && rng.uniform() < 0.5 ? 'subject' : 'object';
  const other = headIs === 'subject' ? drawNounPhrase(rng, ANYTHING, 'plain') : drawSubject(rng, 'plain');
  return { ...action, headIs, other };
}

function drawDate(rng: Rng): MonthDay {
  return {
    month: rng.pick(MONTHS),
    day: 1 + rng.int(28),
    year: rng.uniform() < 0.5 ? 1900 + rng.int(130) : null,
  };
}
