/** Loss, optimizer and schedules against PyTorch 2.13.0 (the calls stand beside the numbers). */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../objectives/autodiff/index.ts';
import {
  createSession,
  float32,
  floatScalar,
  GraphBuilder,
  int64,
  type TensorData,
  toTensor,
} from '../../objectives/onnx/index.ts';
import {
  type AdamOptions,
  adam,
  labelSmoothedCrossEntropy,
  learningRateAt,
  learningRateNode,
  natsToBits,
  type Schedule,
} from '../../objectives/training/index.ts';
import { expectClose, runGraph } from '../support/run-graph.ts';

/** Steps of p <- adam(p) on Σ p⁴ + p·(1, -2, 0.5) from (0.5, -1, 2), learning rate 0.1. */
async function adamPath(steps: number, options: AdamOptions): Promise<{ path: number[][]; norms: number[] }> {
  const g = new GraphBuilder();
  const p = g.input('p', 'float32', [3]);
  const [rate, step] = [g.input('rate', 'float32', []), g.input('step', 'float32', [])];
  const slope = g.initializer('slope', float32([1, -2, 0.5]));
  const loss = g.op.reduceSum(g.op.add(g.op.pow(p, g.float(4)), g.op.mul(p, slope)), [0], false);
  const [gradient] = gradients(g, loss, [p]);
  const { updates, moments, gradientNorm } = adam(g, [{ parameter: p, gradient }], rate, step, options);
  const norm = g.output(gradientNorm ?? g.float(0), 'norm');
  const session = await createSession(g.build());
  let state: Record<string, TensorData> = { p: float32([0.5, -1, 2]) };
  for (const { name, shape } of moments) state[name] = float32(new Float32Array(3), shape);
  const path: number[][] = [];
  const norms: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const feeds = { ...state, rate: floatScalar(0.1), step: floatScalar(t) };
    const outputs = await session.run(
      Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)])),
    );
    const next: Record<string, TensorData> = {};
    for (const [name, output] of Object.entries(updates)) next[name] = await outputs[output].read();
    state = next;
    path.push(Array.from(state.p.data, Number));
    norms.push(Number((await outputs[norm].read()).data[0]));
  }
  return { path, norms };
}

describe('Adam', () => {
  // p = torch.tensor([0.5, -1.0, 2.0], requires_grad=True); o = torch.optim.Adam([p], lr=0.1, betas=(0.9, 0.98), eps=1e-8)
  // five times: o.zero_grad(); ((p**4).sum() + (p * torch.tensor([1., -2., .5])).sum()).backward(); o.step()
  it('follows torch.optim.Adam', async () => {
    const { path } = await adamPath(5, {});
    const expected = [
      [0.4, -0.9, 1.9],
      [0.3007657, -0.800911, 1.8006048],
      [0.2023917, -0.7032533, 1.7022542],
      [0.1047429, -0.607415, 1.6053993],
      [0.0075844, -0.5136243, 1.510487],
    ];
    expectClose(path.flat(), expected.flat(), 2e-6);
  });

  // the same, with torch.nn.utils.clip_grad_norm_([p], 1.5) before each step
  it('clips by the global norm as torch.nn.utils.clip_grad_norm_ does', async () => {
    const { path, norms } = await adamPath(5, { clipNorm: 1.5 });
    const expected = [
      [0.4, -0.9, 1.9],
      [0.30006, -0.8001255, 1.7999967],
      [0.2000384, -0.7004073, 1.6999897],
      [0.0997699, -0.6008101, 1.5999804],
      [-0.0008097, -0.5012174, 1.4999728],
    ];
    expectClose(path.flat(), expected.flat(), 2e-6);
    expectClose(norms, [33.083229, 28.3930378, 24.1948223, 20.4582577, 17.1545811], 2e-6);
  });
});

describe('Adam with weight decay', () => {
  // as above, with torch.optim.AdamW([p], lr=0.1, betas=betas, eps=eps, weight_decay=wd)
  it.each([
    {
      options: { weightDecay: 0.1 },
      expected: [
        [0.395, -0.89, 1.88],
        [0.2918652, -0.7821524, 1.7619979],
        [0.1906439, -0.6770002, 1.6465461],
        [0.0911474, -0.5749, 1.5341923],
        [-0.0068955, -0.4760033, 1.4254529],
      ],
    },
    {
      options: { weightDecay: 0.3, betas: [0.1, 0.2] as const, epsilon: 0.5 },
      expected: [
        [0.41, -0.8776923, 1.8415152],
        [0.3263195, -0.7627828, 1.6905222],
        [0.2476124, -0.6542325, 1.5462123],
        [0.1726464, -0.5509502, 1.4077785],
        [0.1005984, -0.4522255, 1.2748815],
      ],
    },
  ])('follows torch.optim.AdamW with $options', async ({ options, expected }) => {
    expectClose((await adamPath(5, options)).path.flat(), expected.flat(), 2e-6);
  });
});

describe('label-smoothed cross entropy', () => {
  // logits = torch.tensor([[math.sin(3*i+j)*2 for j in range(5)] for i in range(4)], requires_grad=True)
  // loss = torch.nn.CrossEntropyLoss(**kwargs)(logits, torch.tensor([1, 0, 4, 2])); torch.autograd.grad(loss, logits)
  const logits = float32(
    Array.from({ length: 20 }, (_, k) => 2 * Math.sin(3 * Math.floor(k / 5) + (k % 5))),
    [4, 5],
  );
  const rows = [
    {
      label: 'label_smoothing=0.1',
      options: { labelSmoothing: 0.1 },
      loss: 2.4465625,
      tokens: 4,
      gradient: [
        [0.0127421, -0.1345232, 0.104348, 0.0185278, -0.0010947],
        [-0.1746162, 0.004193, 0.0011362, 0.0188842, 0.1504028],
        [0.0051086, 0.0607721, 0.1228603, 0.0353043, -0.2240453],
        [0.1003392, 0.0105632, -0.2237476, 0.0107967, 0.1020485],
      ],
    },
    {
      label: 'label_smoothing=0.1, ignore_index=0',
      options: { labelSmoothing: 0.1, paddingId: 0 },
      loss: 2.734324,
      tokens: 3,
      gradient: [
        [0.0169895, -0.1793643, 0.1391307, 0.0247037, -0.0014596],
        [0, 0, 0, 0, 0],
        [0.0068115, 0.0810294, 0.1638137, 0.0470724, -0.2987271],
        [0.1337855, 0.0140842, -0.2983301, 0.0143956, 0.1360647],
      ],
    },
    {
      label: 'no smoothing',
      options: {},
      loss: 2.4738812,
      tokens: 4,
      gradient: [
        [0.0177421, -0.1545232, 0.1093481, 0.0235278, 0.0039053],
        [-0.1946162, 0.009193, 0.0061362, 0.0238842, 0.1554028],
        [0.0101086, 0.0657721, 0.1278603, 0.0403043, -0.2440453],
        [0.1053392, 0.0155632, -0.2437476, 0.0157967, 0.1070485],
      ],
    },
  ];
  for (const { label, options, loss, tokens, gradient } of rows) {
    it(`equals torch.nn.CrossEntropyLoss with ${label}, and so does its gradient in both forms`, async () => {
      const run = await runGraph({ logits, targets: int64([1, 0, 4, 2]) }, (g, v) => {
        const entropy = labelSmoothedCrossEntropy(g, v.logits, v.targets, options);
        const [differentiated] = gradients(g, entropy.loss, [v.logits]);
        return { loss: entropy.loss, tokens: entropy.tokens, closed: entropy.logitsGradient, differentiated };
      });
      expectClose(run.loss.data, [loss], 1e-6);
      expect(run.tokens.data).toEqual([tokens]);
      expectClose(run.closed.data, gradient.flat(), 2e-7);
      expectClose(run.differentiated.data, gradient.flat(), 1e-6);
    });
  }

  it('is finite where probabilities vanish, and where every token is padding', async () => {
    const extreme = float32([500, -500, 0, 0, 0, -1e4], [2, 3]);
    const run = await runGraph({ extreme, targets: int64([1, 2]) }, (g, v) => {
      const counted = labelSmoothedCrossEntropy(g, v.extreme, v.targets);
      const none = labelSmoothedCrossEntropy(g, v.extreme, g.op.mul(v.targets, g.int64(0)), { paddingId: 0 });
      return {
        loss: counted.loss,
        gradient: counted.logitsGradient,
        none: none.loss,
        noGradient: none.logitsGradient,
      };
    });
    expectClose(run.loss.data, [(1000 + 1e4 + Math.LN2) / 2], 1e-6);
    expectClose(run.gradient.data, [0.5, -0.5, 0, 0.25, 0.25, -0.5], 1e-6);
    expect(run.none.data).toEqual([0]);
    expect(run.noGradient.data.every((x) => x === 0)).toBe(true);
  });

  it('speaks of bits', () => {
    expect(natsToBits(Math.log(8))).toBeCloseTo(3, 12);
  });
});

describe('schedules', () => {
  const inverseSqrt: Schedule = { kind: 'inverse-sqrt', peakLearningRate: 5e-4, warmupSteps: 100 };
  const cosine: Schedule = { kind: 'cosine', peakLearningRate: 1e-3, warmupSteps: 10, totalSteps: 100 };

  it('warm up linearly from 1e-7, then decay', () => {
    expect(learningRateAt(inverseSqrt, 50)).toBeCloseTo(1e-7 + (5e-4 - 1e-7) / 2, 12);
    expect(learningRateAt(inverseSqrt, 100)).toBeCloseTo(5e-4, 12);
    expect(learningRateAt(inverseSqrt, 400)).toBeCloseTo(2.5e-4, 12);
    expect(learningRateAt(cosine, 5)).toBeCloseTo(1e-7 + (1e-3 - 1e-7) / 2, 12);
  });

  it('stay where they are after the warm-up if they are fixed', () => {
    const fixed: Schedule = { kind: 'fixed', peakLearningRate: 2e-3, warmupSteps: 4, initialLearningRate: 0 };
    expect([1, 2, 4, 5, 1000].map((step) => learningRateAt(fixed, step))).toEqual([
      5e-4, 1e-3, 2e-3, 2e-3, 2e-3,
    ]);
  });

  // s = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(…, lr=1e-3), T_max=90, eta_min=1e-7); after 0, 30, 45, 90 s.step()
  it('follow torch CosineAnnealingLR after the warm-up', () => {
    const rates = [0, 30, 45, 90].map((steps) => learningRateAt(cosine, 10 + steps));
    expectClose(
      rates.map((rate) => rate * 1e3),
      [1, 0.7500249999999999, 0.5000499999999998, 1e-4],
      1e-9,
    );
    expect(learningRateAt(cosine, 200)).toBeCloseTo(1e-7, 15);
  });

  it('are the same as nodes and as functions', async () => {
    const steps = [1, 5, 9, 10, 11, 50, 99, 100, 101, 250, 4000];
    const schedules: Schedule[] = [
      inverseSqrt,
      cosine,
      { ...inverseSqrt, warmupSteps: 0 },
      { kind: 'fixed', peakLearningRate: 3e-4, warmupSteps: 10, initialLearningRate: 1e-3 },
      { kind: 'fixed', peakLearningRate: 3e-4, warmupSteps: 0 },
      { ...cosine, finalLearningRate: 1e-5, initialLearningRate: 1e-6 },
    ];
    for (const schedule of schedules) {
      const { rates } = await runGraph({ steps: float32(steps) }, (g, v) => ({
        rates: learningRateNode(g, schedule, v.steps),
      }));
      expectClose(
        rates.data.map((x) => x * 1e3),
        steps.map((step) => learningRateAt(schedule, step) * 1e3),
        2e-7,
      );
    }
  });
});
