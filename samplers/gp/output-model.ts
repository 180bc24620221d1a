/** One output of the study, an objective or a constraint, as a Gaussian process that is fitted to a history. */
import { sameNumbers } from '../../src/math/vector.ts';
import { defaultKernelParams, fitKernel, type KernelFit } from './fit-kernel.ts';
import { GaussianProcess, type Points } from './gaussian-process.ts';
import type { KernelParams } from './kernel.ts';
import { type OutputScale, type ScaledOutput, scaleOutput } from './output-scale.ts';

/** Losses of points, in order of trial number. */
export interface Output extends Points {
  readonly losses: Float64Array;
}

export interface FittedOutput {
  readonly gp: GaussianProcess;
  readonly scaled: ScaledOutput;
  /** The means at the points, in units of `scaled`. */
  readonly fitted: Float64Array;
}

interface Settings {
  readonly scale: OutputScale;
  readonly params: KernelParams;
}

/** The least number of losses that differ of which one can tell whether they are explained. */
const MIN_EXPLAINED = 16;

/**
 * Fits from scratch are slow, and the best scale and kernel parameters of n points are nearly those of n - 1. So they
 * are fitted from scratch only at certain sizes of the history, the best scale being that of the larger posterior
 * density; each fit starts from there. That makes a fit a pure function of the history, which its own last result would
 * not, and what was fitted at such a size may be kept.
 */
export class OutputModel {
  readonly #scales: readonly OutputScale[];
  readonly #isDeterministic: boolean;
  #kept: { readonly output: Output; readonly settings: Settings } | null = null;

  /** @param scales to choose from; the first is one that all losses have. */
  constructor(scales: readonly OutputScale[], isDeterministic: boolean) {
    this.#scales = scales;
    this.#isDeterministic = isDeterministic;
  }

  /** @param outputOf what is known of the first `n` trials, from them alone. */
  fit(n: number, outputOf: (n: number) => Output): FittedOutput {
    const output = outputOf(n);
    const size = checkpointBefore(n);
    const { scale, params } = this.#settingsOf(size === n ? output : outputOf(size));
    const scaled = scaleOutput(output.losses, scale) ?? scaleOutput(output.losses, this.#scales[0])!;
    const kernel = size === n ? params : fitKernel(output, scaled.y, params, this.#isDeterministic).params;
    const gp = new GaussianProcess(output, scaled.y, kernel);
    return { gp, scaled, fitted: gp.fitted(scaled.y) };
  }

  /**
   * The share of the variance of the losses that is explained, each loss being predicted from all others: about 0 if they are
   * nothing but noise to the model, 0 if they are all equal, 1 as long as they are too few to tell. It is that of the last fit
   * from scratch, so that it is cheap and changes seldom.
   */
  explained(n: number, outputOf: (n: number) => Output): number {
    const output = outputOf(checkpointBefore(n));
    if (output.losses.every((loss) => loss === output.losses[0])) return 0;
    if (output.n < MIN_EXPLAINED) return 1;
    const { scale, params } = this.#settingsOf(output);
    const { y } = scaleOutput(output.losses, scale)!;
    const leftOut = new GaussianProcess(output, y, params).leftOut(y);
    const all = y.reduce((sum, value) => sum + value * value, 0);
    return 1 - y.reduce((sum, value, i) => sum + (value - leftOut[i]) ** 2, 0) / all;
  }

  #settingsOf(output: Output): Settings {
    if (this.#kept === null || !sameOutput(this.#kept.output, output))
      this.#kept = { output, settings: this.#fromScratch(output) };
    return this.#kept.settings;
  }

  #fromScratch(output: Output): Settings {
    let best: (KernelFit & { readonly scale: OutputScale; readonly evidence: number }) | null = null;
    for (const scale of this.#scales) {
      const scaled = scaleOutput(output.losses, scale);
      if (scaled === null) continue;
      const start = defaultKernelParams(output.isCategorical.length);
      const fit = fitKernel(output, scaled.y, start, this.#isDeterministic);
      const evidence = fit.logPosterior + scaled.logJacobian;
      if (best === null || evidence > best.evidence) best = { ...fit, scale, evidence };
    }
    return best!;
  }
}

/** The last size at which there is a fit from scratch: every 8 trials at first, then about every eighth of them. */
function checkpointBefore(n: number): number {
  const spacing = 2 ** Math.max(3, Math.floor(Math.log2(Math.max(1, n))) - 3);
  return Math.max(n - (n % spacing), Math.min(n, spacing));
}

function sameOutput(a: Output, b: Output): boolean {
  return a.n === b.n && sameNumbers(a.losses, b.losses) && sameNumbers(a.x, b.x);
}
