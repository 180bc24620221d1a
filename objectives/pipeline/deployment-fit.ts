/** Whether the deployed model, compiled for fixed lengths, can take the sentences that the search judges by. */
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { NasConfig } from './nas-config.ts';
import type { PreparedCorpus } from './prepare-corpus.ts';

/** How many of the judged sentences the deployed model can take. */
export interface DeploymentFit {
  /** Tokens of the source sentence that the model is compiled for, `</s>` included. */
  readonly sourceLength: number;
  /** Tokens of the translation that it is compiled for, `</s>` included. */
  readonly targetLength: number;
  /** Validation pairs that the search judges a SubTransformer by. */
  readonly judgedPairs: number;
  /** Those of them whose sides are not longer than the deployed model takes. */
  readonly fittingPairs: number;
}

/**
 * @param maxLength the longest side that a SubTransformer is judged by, tokens.
 * @throws InvalidConfigError if no pair fits.
 */
export function deploymentFit(config: NasConfig, corpus: PreparedCorpus, maxLength: number): DeploymentFit {
  const { sourceLength, targetLength } = config.deployment;
  const { source, target } = corpus.valid;
  const lengths = source
    .slice(0, config.search.validPairs)
    .map((ids, i) => ({ source: ids.length + 1, target: target[i].length + 1 }))
    .filter((pair) => Math.max(pair.source, pair.target) <= maxLength);
  const fitting = lengths.filter((pair) => pair.source <= sourceLength && pair.target <= targetLength);
  const fit = { sourceLength, targetLength, judgedPairs: lengths.length, fittingPairs: fitting.length };
  if (fitting.length === 0 && lengths.length > 0) {
    const shortest = lengths.reduce((a, b) => (a.source + a.target <= b.source + b.target ? a : b));
    throw new InvalidConfigError(
      'deployment.source-length, deployment.target-length',
      `the deployed model must take some of the sentences that the search judges by, but is for ${sourceLength} source and ` +
        `${targetLength} target tokens, and of ${lengths.length} validation pairs none is so short (the shortest has ` +
        `${shortest.source} and ${shortest.target}); raise the lengths, or corpus.vocabulary-size`,
    );
  }
  return fit;
}

/** A line about the sentences that the deployed model can take. */
export function fitLine({ sourceLength, targetLength, judgedPairs, fittingPairs }: DeploymentFit): string {
  return (
    `the exported model takes up to ${sourceLength} source and ${targetLength} target tokens (deployment.source-length, ` +
    `deployment.target-length); ${fittingPairs} of the ${judgedPairs} validation pairs that the search judges by are so short`
  );
}
