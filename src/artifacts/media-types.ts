/** Media types by file extension, as Python's `mimetypes` (which Optuna asks) has them, and some that it lacks. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/javascript': 'js mjs',
  'application/json': 'json',
  'application/msword': 'doc',
  'application/pdf': 'pdf',
  'application/postscript': 'ps eps',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/wasm': 'wasm',
  'application/x-hdf5': 'h5',
  'application/x-tar': 'tar',
  'application/x-tex': 'tex',
  'application/yaml': 'yaml yml',
  'application/zip': 'zip',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg oga',
  'audio/x-wav': 'wav',
  'image/avif': 'avif',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/jpeg': 'jpg jpeg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tiff tif',
  'image/vnd.microsoft.icon': 'ico',
  'image/webp': 'webp',
  'model/gltf+json': 'gltf',
  'model/gltf-binary': 'glb',
  'model/stl': 'stl',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/html': 'html htm',
  'text/markdown': 'md',
  'text/plain': 'txt c',
  'text/tab-separated-values': 'tsv',
  'text/x-python': 'py',
  'text/xml': 'xml',
  'video/mp4': 'mp4',
  'video/mpeg': 'mpeg mpg',
  'video/ogg': 'ogv',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-msvideo': 'avi',
};

const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(EXTENSIONS).flatMap(([type, list]) =>
    list.split(' ').map((extension) => [extension, type] as const),
  ),
);

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
  return { mimetype: TYPES.get(deciding.toLowerCase()) ?? null, encoding };
}

function splitExtension(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}
