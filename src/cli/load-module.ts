/** Loads the default export of a user's module: JavaScript as it is, TypeScript through tsx. */
import { existsSync } from 'node:fs';
import { register as registerHook } from 'node:module';
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
  if (TYPESCRIPT.includes(extension)) await registerTypeScript();
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new InvalidConfigError(path, `the module does not load: ${shownError(error)}`, { cause: error });
  }
}

/** A resolve hook: in a package that does not say `"type": "module"`, tsx would take a .ts file for CommonJS. */
const TYPESCRIPT_IS_ESM = `export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  const isTypeScript = resolved.format === 'commonjs' && /[.]ts([?]|$)/.test(resolved.url);
  return isTypeScript ? { ...resolved, format: 'module' } : resolved;
}`;

/**
 * Design note: tsx's tsImport, and its CommonJS loader too, would give the module instances of its own of everything
 * that it imports, 'thanos-hpo' included, and the engine would not know the module's TrialPruned as its own. Registered
 * like this there is one instance of each.
 */
async function registerTypeScript(): Promise<void> {
  // Loaded only now: most commands do without.
  const { register } = await import('tsx/esm/api');
  register();
  registerHook(`data:text/javascript,${encodeURIComponent(TYPESCRIPT_IS_ESM)}`);
}

/** A CommonJS module compiled from `export default` has its exports under `default`. */
function unwrapCommonJs(exported: Record<string, unknown>): Record<string, unknown> {
  const inner = exported['default'] as Record<string, unknown> | undefined;
  return typeof inner === 'object' && inner !== null && 'default' in inner ? inner : exported;
}
