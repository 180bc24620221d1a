import { toJson } from './output.ts';

/**
 * The text of `toJson({ ...head, [key]: [all items] })`, page by page, for lists that are too long to be held at once.
 * @param head an object with at least one member.
 */
export async function* jsonPages(
  head: Readonly<Record<string, unknown>>,
  key: string,
  pages: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<string, void, undefined> {
  yield `${toJson(head).slice(0, -'\n}'.length)},\n  ${JSON.stringify(key)}: [`;
  let isEmpty = true;
  for await (const page of pages)
    for (const item of page) {
      // Line feeds inside strings are escaped, so these are those between members.
      yield `${isEmpty ? '' : ','}\n    ${toJson(item).replaceAll('\n', '\n    ')}`;
      isEmpty = false;
    }
  yield isEmpty ? ']\n}' : '\n  ]\n}';
}
