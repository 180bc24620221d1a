import { expect, it } from 'vitest';
import { parseCompilerLog } from '../support/compiler-log.ts';

// Shape of a log of rknn-toolkit2 2.5.0, colored as it comes.
const LOG = [
  '\u001b[36mD RKNN: [10:00:00.100]                Network Layer Information Table\u001b[0m',
  'D RKNN: [10:00:00.100] ID   OpType        DataType Target InputShape            OutputShape      Cycles(DDR/NPU/Total)    RW(KB)       FullName',
  'D RKNN: [10:00:00.100] 0    InputOperator FLOAT16  CPU    \\                     (1,256,1,32)     0/0/0                    0            InputOperator:x',
  'D RKNN: [10:00:00.100] 1    Conv          FLOAT16  NPU    (1,256,1,32),(128,256,1,1),(128) (1,128,1,32) 3832/2048/3832 80       Conv:/q/MatMul',
  'D RKNN: [10:00:00.100] 2    Conv          FLOAT16  NPU    (1,1,30,30),(1,1,1,1) (1,1,30,30)      686/1824/1824            1',
  'D RKNN: [10:00:00.101] <<<<<<<< end: rknn::RKNNModelRegCmdbuildPass',
  'D RKNN: [10:00:00.101] 3   Conv           ids          FLOAT16   NC1HWC2      (1,1,30,30)    (1,4,30,30,1)   | 0x00014000 0x00014780 0x00000780',
  'D RKNN: [10:00:00.102] Total Internal Memory Size: 546.062KB',
  'D RKNN: [10:00:00.102] Total Weight Memory Size: 35458.1KB',
].join('\n');

it('reads the layer table and the memory totals', () => {
  const log = parseCompilerLog(LOG);
  expect(log.layers.map((layer) => [layer.opType, layer.target])).toEqual([
    ['InputOperator', 'CPU'],
    ['Conv', 'NPU'],
    ['Conv', 'NPU'],
  ]);
  expect(log.layers[1]).toMatchObject({
    id: 1,
    cycles: { ddr: 3832, npu: 2048, total: 3832 },
    readWriteKb: 80,
  });
  expect(log.cycles).toEqual({ ddr: 4518, npu: 3872, total: 5656 });
  expect([log.internalKb, log.weightKb]).toEqual([546.062, 35_458.1]);
});

it('says what the log ends with when the build failed', () => {
  expect(() => parseCompilerLog('I RKNN: [1] start\nE RKNN: [2] Unsupport CPU op: CumSum')).toThrow(
    /Unsupport CPU op: CumSum/,
  );
});
