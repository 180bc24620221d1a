/** Runs many command lines in one process: argv[2] is the built run-cli.js, standard input a JSON list of argument lists. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { runCli } = await import(pathToFileURL(process.argv[2]).href);
const print = process.stdout.write.bind(process.stdout);
const results = [];
for (const args of JSON.parse(readFileSync(0, 'utf8'))) {
  const result = { stdout: '', stderr: '', code: 0 };
  for (const stream of ['stdout', 'stderr'])
    process[stream].write = (text) => {
      result[stream] += text;
      return true;
    };
  result.code = await runCli(args);
  results.push(result);
}
print(JSON.stringify(results), () => process.exit(0));
