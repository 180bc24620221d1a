/** A YAML file that is one mapping: its data, and the line of each of its keys for error messages. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { InvalidConfigError } from '../../src/core/errors.ts';

export interface YamlMapping {
  /** Aliases and merge keys (`<<`) are resolved. */
  readonly data: Readonly<Record<string, unknown>>;
  /** `file:line` of a key path, or of its nearest ancestor that is there. */
  placeOf(path: readonly PropertyKey[]): string;
}

/**
 * @param file name of the file, for error messages.
 * @param rule what the file must be, for the error if it is no mapping.
 * @throws InvalidConfigError with `file:line`.
 */
export function readYamlMapping(text: string, file: string, rule: string): YamlMapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw new InvalidConfigError(placeAt(syntax.pos[0]), `not YAML: ${syntax.message}`);
  if (!isMap(document.contents)) throw new InvalidConfigError(file, rule);
  let data: Readonly<Record<string, unknown>>;
  try {
    data = document.toJS() as typeof data;
  } catch (cause) {
    // An alias without an anchor, or so many aliases that they would fill the memory.
    throw new InvalidConfigError(file, `not YAML: ${(cause as Error).message}`, { cause });
  }
  return {
    data,
    placeOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const parent: unknown =
          length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
        if (!isMap(parent)) continue;
        const pair = parent.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(path[length - 1]),
        );
        if (isScalar(pair?.key) && pair.key.range) return placeAt(pair.key.range[0]);
      }
      return file;
    },
  };
}
