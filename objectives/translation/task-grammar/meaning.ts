/**
 * What a sentence of the generated task means, apart from any language: each language has a function that puts a
 * meaning into words. (The division of Grammatical Framework, Ranta 2011: one abstract syntax, several concrete ones.)
 */
import type { Noun, NounKind, Verb, Word } from './lexicon.ts';

export type Tense = 'past' | 'present' | 'future';

export type Determiner =
  | { readonly type: 'the' | 'this'; readonly plural: boolean }
  | { readonly type: 'a' }
  | { readonly type: 'bare' }
  /** 2 … 999 of them, written in digits or in words. */
  | { readonly type: 'count'; readonly count: number; readonly inDigits: boolean };

export interface NounPhrase {
  readonly type: 'noun';
  readonly noun: Noun;
  readonly determiner: Determiner;
  readonly adjectives: readonly Word[];
  readonly owner: NounPhrase | null;
  readonly relative: RelativeClause | null;
}

/** `antecedent`: the noun that "he", "it" … stands for, which decides its gender; null for "I" and "we". */
export interface Pronoun {
  readonly type: 'pronoun';
  readonly plural: boolean;
  readonly antecedent: Noun | null;
}

export type Entity = NounPhrase | Pronoun;

export interface Action {
  readonly verb: Verb;
  readonly tense: Tense;
  readonly negated: boolean;
}

/** "the farmer that saw the dog" (`headIs: 'subject'`) or "the farmer that the dog saw" (`'object'`). */
export interface RelativeClause extends Action {
  readonly headIs: 'subject' | 'object';
  readonly other: Entity;
}

export interface MonthDay {
  readonly month: Word;
  readonly day: number;
  readonly year: number | null;
}

export interface Clause extends Action {
  readonly subject: Entity;
  readonly object: Entity | null;
  readonly recipient: Entity | null;
  readonly place: { readonly preposition: Word; readonly where: NounPhrase } | null;
  readonly date: MonthDay | null;
  readonly adverb: Word | null;
}

export type Meaning =
  | { readonly type: 'statement' | 'question'; readonly clause: Clause }
  /** "… and painted it": the second action has the same subject, and its object is the first one's. */
  | { readonly type: 'sequel'; readonly clause: Clause; readonly sequel: Action }
  | { readonly type: 'reason'; readonly clause: Clause; readonly reason: Clause };

export function isPlural(entity: Entity): boolean {
  if (entity.type === 'pronoun') return entity.plural;
  const { determiner } = entity;
  if (determiner.type === 'the' || determiner.type === 'this') return determiner.plural;
  return determiner.type !== 'a';
}

export function isFirstPerson(entity: Entity): boolean {
  return entity.type === 'pronoun' && entity.antecedent === null;
}

/** Null for "I" and "we". */
export function nounOf(entity: Entity): Noun | null {
  return entity.type === 'pronoun' ? entity.antecedent : entity.noun;
}

export function kindOf(entity: Entity): NounKind {
  return nounOf(entity)?.kind ?? 'human';
}

/** The pronoun that stands for an entity named before. */
export function pronounFor(entity: Entity): Pronoun {
  return { type: 'pronoun', plural: isPlural(entity), antecedent: nounOf(entity) };
}
