/** Trains the tiny model in a process of its own: train-child.ts DEVICE STEPS CHECKPOINT EVERY. Prints a line of JSON for each step. */
import { type Device, GraphError } from '../../objectives/onnx/index.ts';
import { Trainer } from '../../objectives/training/index.ts';
import { tinyModel } from './tiny-model.ts';

const [device, steps, path, every] = process.argv.slice(2);
try {
  const trainer = await Trainer.create({
    ...tinyModel(),
    device: device as Device,
    intraOpNumThreads: 2,
    ...(path === undefined ? {} : { checkpoint: { path, everySteps: Number(every) } }),
    onReport: (report) => process.stdout.write(`${JSON.stringify(report)}\n`),
  });
  await trainer.trainTo(Number(steps));
  await trainer.close();
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof GraphError ? error.code : String(error) })}\n`,
  );
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
