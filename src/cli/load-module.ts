/** Loads the default export of a user's module: JavaScript as it is, TypeScript without its types. */
import { existsSync } from 'node:fs';
import { register as registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidConfigError, ThanosError } from '../core/errors.ts';
import { shownError } from '../core/shown.ts';
import { type DynamicStudyDefinition, defineStudy, type StudyDefinition } from '../define-study.ts';

const JAVASCRIPT = ['.js', '.mjs', '.cjs'];
const TYPESCRIPT = ['.ts', '.mts', '.cts'];

/** @throws InvalidConfigError if the file is missing, does not load, or does not default-export a study definition. */
export async function loadStudyDefinition(path: string): Promise<StudyDefinition> {
  const exported = await importModule(path);
  const { default: value } = unwrapCommonJs(exported);
  if (typeof value !== 'object' || value === null)
    throw new InvalidConfigError(
      path,
      `a study module needs 'export default defineStudy({ … })', but exports ${Object.keys(exported).join(', ') || 'nothing'}`,
    );
  try {
    // Checked here too, for a module that exports a bare object.
    return defineStudy(value as DynamicStudyDefinition) as StudyDefinition;
  } catch (error) {
    throw error instanceof ThanosError ? new InvalidConfigError(path, error.message) : error;
  }
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  const extension = extname(path);
  if (!existsSync(path))
    throw new InvalidConfigError(path, 'there is no such file; give the path of a study module');
  if (![...JAVASCRIPT, ...TYPESCRIPT].includes(extension))
    throw new InvalidConfigError(
      path,
      `a study module is a file that ends in ${[...TYPESCRIPT, ...JAVASCRIPT].join(', ')}, but this ends in '${extension}'`,
    );
  if (TYPESCRIPT.includes(extension)) registerTypeScript();
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new InvalidConfigError(path, `the module does not load: ${shownError(error)}`, { cause: error });
  }
}

/** Run from its sources, this program has a loader of TypeScript already. */
const IS_BUILT = extname(import.meta.url) === '.js';

function registerTypeScript(): void {
  if (IS_BUILT) registerHooks(new URL('./typescript-hooks.js', import.meta.url));
}

/** A CommonJS module compiled from `export default` has its exports under `default`. */
function unwrapCommonJs(exported: Record<string, unknown>): Record<string, unknown> {
  const inner = exported['default'] as Record<string, unknown> | undefined;
  return typeof inner === 'object' && inner !== null && 'default' in inner ? inner : exported;
}
