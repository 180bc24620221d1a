import mime from 'mime';

/** Where Python's `mimetypes`, which Optuna asks, differs from the registry that `mime` follows, and what that lacks. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  c: 'text/plain',
  flac: 'audio/flac',
  h5: 'application/x-hdf5',
  js: 'application/javascript',
  mjs: 'application/javascript',
  py: 'text/x-python',
  wav: 'audio/x-wav',
  xml: 'text/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['gz', 'gzip'],
  ['Z', 'compress'],
  ['bz2', 'bzip2'],
  ['xz', 'xz'],
  ['br', 'br'],
]);

/** Extensions that stand for two. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['svgz', 'svg.gz'],
  ['tgz', 'tar.gz'],
  ['tbz2', 'tar.bz2'],
  ['txz', 'tar.xz'],
]);

/** `model.tar.gz` -> application/x-tar, encoding gzip; null where the name does not say. */
export function guessMediaType(filename: string): {
  readonly mimetype: string | null;
  readonly encoding: string | null;
} {
  const [stem, last] = splitExtension(filename);
  const [inner, extension] = splitExtension(SHORT.has(last) ? `${stem}.${SHORT.get(last)}` : filename);
  const encoding = ENCODINGS.get(extension) ?? null;
  const deciding = encoding === null ? extension : splitExtension(inner)[1];
  return { mimetype: typeOf(deciding.toLowerCase()), encoding };
}

function typeOf(extension: string): string | null {
  return Object.hasOwn(OWN_TYPES, extension) ? OWN_TYPES[extension] : mime.getType(extension);
}

function splitExtension(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}
