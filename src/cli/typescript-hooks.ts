/** Hooks of Node's module loader: TypeScript files are loaded with their types taken out, line by line the same. */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transform } from 'sucrase';

const TYPESCRIPT = /\.[mc]?ts$/;

/** Finds what Node finds; else what TypeScript would: `./x.ts` for `./x.js` or `./x`. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    for (const name of namesInTypeScript(specifier)) {
      try {
        return await next(name, context);
      } catch {
        // The error of the name as it was written says more.
      }
    }
    throw error;
  }
};

function namesInTypeScript(specifier: string): string[] {
  if (!/^(\.|file:)/.test(specifier)) return [];
  if (/\.[mc]?js$/.test(specifier)) return [specifier.replace(/js$/, 'ts')];
  return TYPESCRIPT.test(specifier) ? [] : [`${specifier}.ts`, `${specifier}/index.ts`];
}

/** An ES module whatever the nearest package.json says, as `import` is what one writes in TypeScript; `.cts` is CommonJS. */
export const load: LoadHook = async (url, context, next) => {
  if (!url.startsWith('file:') || !TYPESCRIPT.test(url)) return next(url, context);
  const filePath = fileURLToPath(url);
  const isCommonJs = url.endsWith('.cts');
  const source = withoutTypes(await readFile(filePath, 'utf8'), filePath, isCommonJs);
  return { format: isCommonJs ? 'commonjs' : 'module', source, shortCircuit: true };
};

function withoutTypes(code: string, filePath: string, isCommonJs: boolean): string {
  try {
    return transform(code, {
      transforms: isCommonJs ? ['typescript', 'imports'] : ['typescript'],
      disableESTransforms: true,
      preserveDynamicImport: true,
    }).code;
  } catch (error) {
    // One that crosses the threads with its message alone.
    const { message } = error as Error;
    const at = /^(.*) \((\d+:\d+)\)$/s.exec(message);
    throw new SyntaxError(at === null ? `${filePath}: ${message}` : `${filePath}:${at[2]}: ${at[1]}`);
  }
}
