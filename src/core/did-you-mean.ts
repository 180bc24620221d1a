/** Slips of the hand in one name; names that differ by more are other names, however long their common parts. */
const MOST_SLIPS = 4;

/** The known name that is spelled most alike, or null if none is near; capitals and punctuation do not count. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const other of known) {
    const distance = editDistance(plain(name), plain(other));
    if (distance < least && distance <= Math.min(MOST_SLIPS, plain(other).length / 3))
      [best, least] = [other, distance];
  }
  return best;
}

/** `did you mean 'x'? `, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === null ? '' : `did you mean '${meant}'? `;
}

/** Fewest insertions, deletions, replacements and swaps of neighbors that make `b` of `a` (optimal string alignment); packages for this count a swap as two. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
