/** Packages that only some users need (the NAS, charts): they are installed by hand and loaded when first used. */
import { createRequire } from 'node:module';
import { ThanosError } from './errors.ts';

/** The optional peers of this package, with the versions that package.json declares. */
export const OPTIONAL_PACKAGES = {
  echarts: '^6.1.0',
  'onnxruntime-node': '^1.30.0',
  tokenizers: '^0.23.2',
} as const;

export type OptionalPackage = keyof typeof OPTIONAL_PACKAGES;

const require = createRequire(import.meta.url);
const loaded = new Map<OptionalPackage, unknown>();

/** Returns the package, loaded now. @throws ThanosError PACKAGE_MISSING, with the command that installs it. */
export function optionalPackage<T>(name: OptionalPackage, purpose: string): T {
  if (!loaded.has(name)) loaded.set(name, load(name, purpose));
  return loaded.get(name) as T;
}

/** Its install script downloads CUDA libraries unless told not to, and fails where it cannot. */
const REGISTRY_ONLY =
  ' (where only the npm registry can be reached, set ONNXRUNTIME_NODE_INSTALL=skip before)';

/** Before long work that will need them. @throws ThanosError PACKAGE_MISSING, with one command that installs all. */
export function assertInstalled(names: readonly OptionalPackage[], purpose: string): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length > 0) throw missingPackages(missing, purpose);
}

function isInstalled(name: OptionalPackage): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function load(name: OptionalPackage, purpose: string): unknown {
  assertInstalled([name], purpose);
  try {
    return require(name);
  } catch (cause) {
    throw new ThanosError(
      'PACKAGE_MISSING',
      `${purpose} needs the package '${name}', which is installed but does not load on this machine: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function missingPackages(names: readonly OptionalPackage[], purpose: string): ThanosError {
  const asked = names.map((name) => `"${name}@${OPTIONAL_PACKAGES[name]}"`).join(' ');
  const what = names.length === 1 ? 'a package that is' : 'packages that are';
  return new ThanosError(
    'PACKAGE_MISSING',
    `${purpose} needs ${what} not installed; run: npm install ${asked}${names.includes('onnxruntime-node') ? REGISTRY_ONLY : ''}`,
  );
}
