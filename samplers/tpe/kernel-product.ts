import type { CandidateBatch, Candidates } from './candidates.ts';
import type { CellMasses } from './cell-masses.ts';
import type { ChoiceKernels } from './choice-kernels.ts';
import { grown, type KernelSlots } from './kernel-slots.ts';
import type { KernelWeights } from './kernel-weights.ts';
import { LogSum } from './log-sum.ts';
import type { NumericKernels } from './numeric-kernels.ts';
import type { ParzenSpace } from './parzen-space.ts';

/** The number of the newest kernels that are looked at for a first bound of a density. */
const GLANCE = 16;

/** The number of entries of a row that are looked at before it is asked whether the kernel can still count. */
const CHUNK = 20;

/** Product kernels over all columns of a space, and sums of them: nearly all of TPE's time goes here. */
export class KernelProduct {
  readonly #space: ParzenSpace;
  readonly #slots: KernelSlots;
  readonly #numeric: readonly NumericKernels[];
  readonly #categorical: readonly ChoiceKernels[];
  /** The masses of the cells of the stepped axes. */
  readonly #masses: readonly CellMasses[];
  /** Center and 1 / width on the smooth axes, shape (slot, axis, 2). */
  #rows: Float64Array;
  /** Offset in the masses of each stepped axis, shape (slot, axis). */
  #offsets: Int32Array;
  /** Choice in each categorical column, shape (slot, column), counted through all columns, those before it first. */
  #choices: Int32Array;
  /** For each such choice of a kernel and each member of a batch: minus the log of the probability of the member's choice. */
  readonly #choiceLosses: Float64Array;
  /** By slot: the sum of its axes' log scales; -Infinity if the kernel is not inside of all of them. */
  #peaks: Float64Array;
  #weights: KernelWeights | null = null;
  /** For each member of a batch: its sum, what the smooth axes must come to for a kernel to count, its smooth columns. */
  readonly #sums = [0, 1, 2, 3].map(() => new LogSum());
  readonly #least = new Float64Array(4);
  #lowest = 0;
  /** See `#measure`. */
  readonly #losses = new Float64Array(4);
  readonly #points: Float64Array;

  constructor(
    space: ParzenSpace,
    slots: KernelSlots,
    numeric: readonly NumericKernels[],
    categorical: readonly ChoiceKernels[],
  ) {
    this.#space = space;
    this.#slots = slots;
    this.#numeric = numeric;
    this.#categorical = categorical;
    this.#masses = numeric.slice(space.nContinuous).map(({ masses }) => masses!);
    this.#rows = new Float64Array(slots.capacity * 2 * space.nSmooth);
    this.#offsets = new Int32Array(slots.capacity * this.#masses.length);
    this.#choices = new Int32Array(slots.capacity * categorical.length);
    this.#choiceLosses = new Float64Array(4 * categorical.reduce((n, { nChoices }) => n + nChoices, 0));
    this.#peaks = new Float64Array(slots.capacity);
    this.#points = new Float64Array(4 * space.nSmooth);
  }

  /** Takes over kernels that changed. */
  fit(changed: readonly number[], weights: KernelWeights): void {
    this.#weights = weights;
    for (const slot of changed) this.#update(slot);
  }

  #update(slot: number): void {
    const { nSmooth, nNumeric } = this.#space;
    let toRow = slot * 2 * nSmooth;
    let toOffset = slot * this.#masses.length;
    let peak = 0;
    for (let j = 0; j < nNumeric; j++) {
      const { centers, widths, logScales, masses } = this.#numeric[j];
      peak += this.#numeric[j].isInside(slot) ? logScales[slot] : Number.NEGATIVE_INFINITY;
      if (masses !== null) this.#offsets[toOffset++] = masses.offsetOf(centers[slot], widths[slot]);
      if (j >= nSmooth) continue;
      this.#rows[toRow++] = centers[slot];
      this.#rows[toRow++] = 1 / widths[slot];
    }
    this.#peaks[slot] = peak;
    let toChoice = slot * this.#categorical.length;
    let first = 0;
    for (const { choices, nChoices } of this.#categorical) {
      this.#choices[toChoice++] = first + choices[slot];
      first += nChoices;
    }
  }

  /** To be called when the slots have become more. */
  reserve(): void {
    const { capacity } = this.#slots;
    this.#rows = grown(this.#rows, capacity * 2 * this.#space.nSmooth);
    this.#offsets = grown(this.#offsets, capacity * this.#masses.length);
    this.#choices = grown(this.#choices, capacity * this.#categorical.length);
    this.#peaks = grown(this.#peaks, capacity);
  }

  /**
   * For each of a batch of candidates log(exp(its prior) + the sum of all kernels); of fewer kernels if those exceed its ceiling.
   */
  logSums(candidates: Candidates, batch: CandidateBatch): void {
    this.#sumNewest(this.#slots.size, candidates, batch);
  }

  /** Something not above `logSums`, by a glance at a few kernels. */
  logSumBounds(candidates: Candidates, batch: CandidateBatch): void {
    this.#sumNewest(Math.min(GLANCE, this.#slots.size), candidates, batch);
  }

  #sumNewest(count: number, candidates: Candidates, batch: CandidateBatch): void {
    let open = this.#start(candidates, batch);
    const { byAge, size } = this.#slots;
    const peaks = this.#peaks;
    const least = this.#least;
    const losses = this.#losses;
    for (let k = size - 1; k >= size - count && open > 0; k--) {
      const slot = byAge[k];
      const peak = peaks[slot];
      if (peak === Number.NEGATIVE_INFINITY) open -= this.#addOutside(k, candidates, batch);
      this.#measure(slot);
      if (peak - losses[0] >= least[0]) open -= this.#add(0, k, candidates, batch);
      if (peak - losses[1] >= least[1]) open -= this.#add(1, k, candidates, batch);
      if (peak - losses[2] >= least[2]) open -= this.#add(2, k, candidates, batch);
      if (peak - losses[3] >= least[3]) open -= this.#add(3, k, candidates, batch);
    }
    for (let i = 0; i < batch.size; i++) batch.logs[i] = this.#sums[i].log;
  }

  /**
   * What the smooth and categorical columns of all members take from a kernel's peak: half the squared distances in widths, minus
   * the log probabilities of choices; or, if it can count for none of them, something that is too much. A function of its own,
   * which V8 compiles sooner than a loop in a loop.
   */
  #measure(slot: number): void {
    const room = 2 * (this.#peaks[slot] - this.#lowest);
    const width = 2 * this.#space.nSmooth;
    const rows = this.#rows;
    const points = this.#points;
    const end = (slot + 1) * width;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    // Four candidates at a time keep the processor's pipeline full.
    for (let at = slot * width, i = 0; at < end && (a <= room || b <= room || c <= room || d <= room); ) {
      for (const stop = Math.min(at + CHUNK, end); at < stop; at += 2, i += 4) {
        const center = rows[at];
        const precision = rows[at + 1];
        const za = (points[i] - center) * precision;
        const zb = (points[i + 1] - center) * precision;
        const zc = (points[i + 2] - center) * precision;
        const zd = (points[i + 3] - center) * precision;
        a += za * za;
        b += zb * zb;
        c += zc * zc;
        d += zd * zd;
      }
    }
    a *= 0.5;
    b *= 0.5;
    c *= 0.5;
    d *= 0.5;
    const choiceLosses = this.#choiceLosses;
    const n = this.#categorical.length;
    for (let at = slot * n; at < (slot + 1) * n; at++) {
      const choice = 4 * this.#choices[at];
      a += choiceLosses[choice];
      b += choiceLosses[choice + 1];
      c += choiceLosses[choice + 2];
      d += choiceLosses[choice + 3];
    }
    const losses = this.#losses;
    losses[0] = a;
    losses[1] = b;
    losses[2] = c;
    losses[3] = d;
  }

  /** Returns the number of members that are not known well enough already. */
  #start(candidates: Candidates, batch: CandidateBatch): number {
    const { nSmooth, nNumeric, width } = this.#space;
    let open = 0;
    for (let i = 0; i < 4; i++) {
      this.#least[i] = Number.POSITIVE_INFINITY;
      if (i >= batch.size) continue;
      const s = batch.members[i];
      const sum = this.#sums[i];
      sum.start(candidates.logPriors[s], batch.ceilings[i]);
      if (!sum.isEnough) {
        this.#least[i] = sum.floor;
        open++;
      }
      for (let j = 0; j < nSmooth; j++) this.#points[4 * j + i] = candidates.rows[s * width + j];
      this.#setChoices(i, candidates.rows, s * width + nNumeric);
    }
    this.#lowest = Math.min(...this.#least);
    return open;
  }

  #setChoices(i: number, rows: Float64Array, at: number): void {
    let first = 0;
    this.#categorical.forEach(({ nChoices, logHit, logMiss }, column) => {
      for (let choice = 0; choice < nChoices; choice++)
        this.#choiceLosses[4 * (first + choice) + i] = choice === rows[at + column] ? -logHit : -logMiss;
      first += nChoices;
    });
  }

  /** Adds the kernel of age rank `k`, which has been measured, to a member's sum; returns 1 if that is then enough. */
  #add(i: number, k: number, candidates: Candidates, batch: CandidateBatch): number {
    const slot = this.#slots.byAge[k];
    const measured = this.#peaks[slot] - this.#losses[i];
    if (this.#masses.length === 0) return this.#addTerm(i, measured, k);
    const { floor } = this.#sums[i];
    const rest = this.#steps(floor - measured, slot, candidates, batch.members[i]);
    return measured + rest < floor ? 0 : this.#addTerm(i, measured + rest, k);
  }

  #addTerm(i: number, term: number, k: number): number {
    const sum = this.#sums[i];
    const least = this.#least;
    sum.add(term, this.#weights!.at(k));
    least[i] = sum.isEnough ? Number.POSITIVE_INFINITY : sum.floor;
    this.#lowest = Math.min(least[0], least[1], least[2], least[3]);
    return sum.isEnough ? 1 : 0;
  }

  /** Adds a kernel that is not inside to the sums of all members; returns how many are then enough. */
  #addOutside(k: number, candidates: Candidates, batch: CandidateBatch): number {
    const { nNumeric, width } = this.#space;
    const slot = this.#slots.byAge[k];
    let closed = 0;
    for (let i = 0; i < batch.size; i++) {
      if (this.#least[i] === Number.POSITIVE_INFINITY) continue;
      const at = batch.members[i] * width;
      let term = 0;
      for (let j = 0; j < nNumeric; j++) term += this.#numeric[j].logDensity(slot, candidates.rows[at + j]);
      this.#categorical.forEach(({ choices, logHit, logMiss }, c) => {
        term += choices[slot] === candidates.rows[at + nNumeric + c] ? logHit : logMiss;
      });
      if (term >= this.#sums[i].floor) closed += this.#addTerm(i, term, k);
    }
    return closed;
  }

  /**
   * What a kernel's coarse axes add, and its fine ones beyond the density at the middles of their cells; or, as soon as that is
   * below `least`, something below it.
   */
  #steps(least: number, slot: number, candidates: Candidates, s: number): number {
    const n = this.#masses.length;
    // Design note: a sum that starts from 0, not from an argument, stays an unboxed number in V8.
    let log = 0;
    for (let i = 0; i < n && log >= least; i++) {
      const known = this.#masses[i].values[this.#offsets[slot * n + i] + candidates.indices[s * n + i]];
      if (Number.isNaN(known)) log += this.#massOf(i, slot, candidates, s, least - log);
      else log += known;
    }
    return log;
  }

  #massOf(i: number, slot: number, candidates: Candidates, s: number, least: number): number {
    const { nContinuous, width } = this.#space;
    const { centers, widths } = this.#numeric[nContinuous + i];
    const offset = this.#offsets[slot * this.#masses.length + i];
    const value = candidates.rows[s * width + nContinuous + i];
    return this.#masses[i].compute(offset, value, centers[slot], widths[slot], least);
  }
}
