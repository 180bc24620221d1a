import { errorData } from './error-data.ts';
import { toJson } from './output.ts';

/**
 * The text of `toJson({ ...head, [key]: [all items] })`, page by page, for lists that are too long to be held at once.
 * If a page cannot be read the document ends with `"error": { code, message }`, after the items before it.
 * @param head an object with at least one member.
 */
export async function* jsonPages(
  head: Readonly<Record<string, unknown>>,
  key: string,
  pages: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<string, void, undefined> {
  yield `${toJson(head).slice(0, -'\n}'.length)},\n  ${JSON.stringify(key)}: [`;
  let isEmpty = true;
  const endOfList = (): string => (isEmpty ? ']' : '\n  ]');
  try {
    for await (const page of pages)
      for (const item of page) {
        yield `${isEmpty ? '' : ','}\n    ${indented(item, 4)}`;
        isEmpty = false;
      }
  } catch (error) {
    yield `${endOfList()},\n  "error": ${indented(errorData(error), 2)}\n}\n`;
    throw error;
  }
  yield `${endOfList()}\n}`;
}

/** Line feeds inside strings are escaped, so these are those between members. */
function indented(data: unknown, nSpaces: number): string {
  return toJson(data).replaceAll('\n', `\n${' '.repeat(nSpaces)}`);
}
