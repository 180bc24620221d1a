/**
 * Words of the generated translation task: plain English on the source side, an invented language, Velan, on the
 * target side. A Velan noun has a gender and a declension that its English word does not show: they must be learned.
 */
export type Gender = 'm' | 'f' | 'n';
export type NounKind = 'human' | 'animal' | 'thing' | 'place';

export interface Noun {
  readonly singular: string;
  readonly plural: string;
  readonly stem: string;
  readonly gender: Gender;
  readonly declension: 'A' | 'B';
  readonly kind: NounKind;
}

export interface Verb {
  readonly base: string;
  readonly third: string;
  readonly past: string;
  readonly stem: string;
  /** Another Velan verb is used if this participant is of one of these kinds ("eat": essen and fressen in German). */
  readonly otherwise?:
    | {
        readonly participant: 'subject' | 'object';
        readonly kinds: readonly NounKind[];
        readonly stem: string;
      }
    | undefined;
}

export interface Word {
  readonly english: string;
  readonly velan: string;
}

function nouns(kind: NounKind, table: string): Noun[] {
  return rows(table).map(([singular, plural, stem, gender, declension]) => ({
    singular,
    plural,
    stem,
    gender: gender as Gender,
    declension: declension as Noun['declension'],
    kind,
  }));
}

function verbs(table: string): Verb[] {
  return rows(table).map(([base, third, past, stem]) => ({ base, third, past, stem }));
}

function words(table: string): Word[] {
  return rows(table).map(([english, velan]) => ({ english, velan }));
}

function rows(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u));
}

/** Only here do gender and meaning agree, because English says "he" and "she" of people. */
export const HUMANS = nouns(
  'human',
  `farmer farmers gorad m A
   teacher teachers maskel f B
   girl girls dilin f A
   boy boys perem m B
   king kings torvan m A
   queen queens sarim f B
   singer singers vokal f A
   soldier soldiers bragut m B
   doctor doctors medor f A
   baker bakers panek m A`,
);

export const ANIMALS = nouns(
  'animal',
  `dog dogs vulk n A
   horse horses kaban f A
   cat cats misel m B
   bird birds tirp n B
   wolf wolves grem f A
   bear bears orsh m A
   goat goats zapin n A
   mouse mice pilk f B`,
);

export const THINGS = nouns(
  'thing',
  `book books shorn m A
   letter letters grapt n A
   apple apples melun f A
   lamp lamps lukir m B
   knife knives natch f B
   table tables mesov n B
   ring rings dorin n A
   clock clocks horem f A
   cake cakes hlem m A
   stone stones kamur m B
   boat boats navik f B
   chair chairs selt n B
   coin coins monar f A
   key keys klavid m A
   flower flowers tsvet n A
   wheel wheels roduk m B`,
);

export const PLACES = nouns(
  'place',
  `house houses domir f A
   garden gardens saduv m A
   river rivers rekan n B
   city cities gradel f B
   forest forests lesum n A
   bridge bridges mostin m B
   village villages selov n B
   tower towers turlen m A`,
);

export const INTRANSITIVE = verbs(
  `sleep sleeps slept dorm
   work works worked labor
   laugh laughs laughed rism
   fall falls fell kadur
   wait waits waited spelt
   sing sings sang kantev
   dance dances danced tansh
   cry cries cried plakur`,
);

export const TRANSITIVE: readonly Verb[] = [
  ...verbs(
    `see sees saw vidr
     find finds found trov
     love loves loved amark
     paint paints painted pikt
     buy buys bought kuplen
     sell sells sold vendr
     break breaks broke lomar
     clean cleans cleaned puril
     build builds built strov
     follow follows followed segun
     draw draws drew shret
     hide hides hid skond
     need needs needed trebal
     watch watches watched smotr
     steal steals stole furak
     forget forgets forgot zabul`,
  ),
  {
    base: 'eat',
    third: 'eats',
    past: 'ate',
    stem: 'manz',
    otherwise: { participant: 'subject', kinds: ['animal'], stem: 'frag' },
  },
  {
    base: 'know',
    third: 'knows',
    past: 'knew',
    stem: 'sapr',
    otherwise: { participant: 'object', kinds: ['human', 'animal'], stem: 'kenil' },
  },
  {
    base: 'carry',
    third: 'carries',
    past: 'carried',
    stem: 'portev',
    otherwise: { participant: 'object', kinds: ['human', 'animal'], stem: 'noshir' },
  },
  {
    base: 'leave',
    third: 'leaves',
    past: 'left',
    stem: 'partun',
    otherwise: { participant: 'object', kinds: ['human', 'animal'], stem: 'abandr' },
  },
];

export const DITRANSITIVE = verbs(
  `give gives gave donar
   show shows showed pokaz
   send sends sent mandil
   bring brings brought privek`,
);

export const ADJECTIVES = words(
  `red rosh
   old stalr
   young yuvin
   big magul
   small minet
   green virdel
   heavy gravt
   happy beskur
   black nokt
   white belom
   strong fortim
   new novel
   broken lomat
   beautiful krasil
   quiet tihur
   hungry famel`,
);

export const ADVERBS = words(
  `quickly raptis
   today hodis
   often chastis
   again denovis
   slowly lentis
   secretly tainis`,
);

/** Velan has postpositions. */
export const PREPOSITIONS = words(
  `in vun
   near prek
   behind posal
   under sutr
   beside besh`,
);

/** The Velan month is in the genitive, which never changes. */
export const MONTHS = words(
  `january yanvares
   february fevrares
   march martes
   april aprilov
   may mayes
   june yunov
   july yulov
   august avgustes
   september septembres
   october oktobres
   november novembres
   december detsembres`,
);
