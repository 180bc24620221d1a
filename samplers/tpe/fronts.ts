/**
 * Non-dominated fronts of a growing set of points (incremental form of the non-dominated sort: Li, Deb, Zhang, Suganthan and
 * Chen, "Efficient Nondomination Level Update Method", IEEE TCYB 47(9), 2017).
 */
import { partitionPoint } from '../../src/math/bisect.ts';
import { dominates } from '../../src/pareto/domination.ts';
import { pickRows } from '../../src/pareto/rows.ts';
import { grown } from './kernel-slots.ts';

export class Fronts {
  readonly #m: number;
  /** By point id, m losses each. */
  #losses = new Float64Array(64);
  /** Ids of each front, in increasing order; equal points share a front. */
  readonly #fronts: (readonly number[])[] = [];

  constructor(nObjectives: number) {
    this.#m = nObjectives;
  }

  get fronts(): readonly (readonly number[])[] {
    return this.#fronts;
  }

  /** The losses of these ids, shape (ids, m). */
  lossesOf(ids: readonly number[]): Float64Array<ArrayBuffer> {
    return pickRows(this.#losses, this.#m, ids);
  }

  add(id: number, losses: readonly number[]): void {
    const needed = (id + 1) * this.#m;
    if (needed > this.#losses.length) this.#losses = grown(this.#losses, 2 * needed);
    this.#losses.set(losses, id * this.#m);
    let moving: readonly number[] = [id];
    // Whoever is dominated by what comes into a front moves on to the next.
    for (let rank = this.#rankOf(id); moving.length > 0; rank++) {
      const front = this.#fronts[rank] ?? [];
      const staying: number[] = [];
      const leaving: number[] = [];
      for (const member of front) {
        if (moving.some((other) => dominates(this.#losses, this.#m, other, member))) leaving.push(member);
        else staying.push(member);
      }
      this.#fronts[rank] = [...staying, ...moving].sort((a, b) => a - b);
      moving = leaving;
    }
  }

  /** The first front that does not dominate a point: what dominates it in one front is itself dominated in the one before. */
  #rankOf(id: number): number {
    return partitionPoint(this.#fronts.length, (rank) =>
      this.#fronts[rank].some((other) => dominates(this.#losses, this.#m, other, id)),
    );
  }
}
