/** Programs that are compiled, or looked at as an editor does, against the declarations of the built package. */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, makeProject, ROOT } from '../e2e/built-package.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

export class TypePrograms {
  readonly folder: string;

  /** @param files by name. */
  constructor(files: Readonly<Record<string, string>>) {
    ensureBuilt();
    this.folder = makeProject({ ...files, 'package.json': '{ "type": "module" }' });
    this.#configure({});
  }

  #configure(options: Readonly<Record<string, unknown>>): void {
    const compilerOptions = {
      target: 'ES2023',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      allowImportingTsExtensions: true,
      typeRoots: [join(ROOT, 'node_modules/@types')],
      types: ['node'],
      ...options,
    };
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  }

  /** What tsc says to the programs; nothing if they compile. */
  compile(options: Readonly<Record<string, unknown>> = {}): string {
    this.#configure(options);
    return spawnSync(process.execPath, [TSC, '-p', '.'], { cwd: this.folder, encoding: 'utf8' }).stdout;
  }

  /** What an editor shows of the last place of each word in a program, from TypeScript's language server. */
  async hovers(name: string, text: string, words: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const server = spawn(process.execPath, [TSC, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const waiting = new Map<unknown, (result: unknown) => void>();
    const send = (message: object): void => {
      const body = JSON.stringify({ jsonrpc: '2.0', ...message });
      server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    };
    let received = Buffer.alloc(0);
    server.stdout.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let head = received.indexOf('\r\n\r\n'); head >= 0; head = received.indexOf('\r\n\r\n')) {
        const end =
          head + 4 + Number(/Content-Length: (\d+)/.exec(received.subarray(0, head).toString())?.[1]);
        if (received.length < end) return;
        const { id, method, result } = JSON.parse(received.subarray(head + 4, end).toString());
        received = received.subarray(end);
        // A question of the server's: it does without the answer.
        if (method !== undefined && id !== undefined) send({ id, result: null });
        else waiting.get(id)?.(result);
      }
    });
    let nCalls = 0;
    const call = (method: string, params: object): Promise<unknown> =>
      new Promise((resolve) => {
        waiting.set(++nCalls, resolve);
        send({ id: nCalls, method, params });
      });
    try {
      const uri = pathToFileURL(join(this.folder, name)).href;
      const rootUri = pathToFileURL(this.folder).href;
      await call('initialize', { processId: process.pid, rootUri, capabilities: {} });
      send({ method: 'initialized', params: {} });
      const textDocument = { uri, languageId: 'typescript', version: 1, text };
      send({ method: 'textDocument/didOpen', params: { textDocument } });
      const shown = new Map<string, string>();
      for (const word of words) {
        const before = text.slice(0, text.lastIndexOf(word)).split('\n');
        const position = { line: before.length - 1, character: before[before.length - 1].length };
        const hover = await call('textDocument/hover', { textDocument: { uri }, position });
        shown.set(word, JSON.stringify(hover));
      }
      return shown;
    } finally {
      server.kill();
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
