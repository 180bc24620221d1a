/** The HTML report of a NAS: front, history of the outer study, generations of the inner ones, training. */
import { fitLine } from '../../objectives/pipeline/deployment-fit.ts';
import type { NasRun } from '../../objectives/pipeline/nas-run.ts';
import { leftOut } from '../../objectives/pipeline/supernet-training.ts';
import { bleuLine, type TranslationQuality } from '../../objectives/pipeline/translation-quality.ts';
import { generationOf } from '../../samplers/evolutionary/evolutionary-sampler.ts';
import type { FrozenTrial, TrialState } from '../core/frozen-trial.ts';
import type { Study } from '../core/study.ts';
import {
  generationsChart,
  historyCharts,
  htmlReport,
  paretoChart,
  type ReportSection,
  renderSvg,
  trainingChart,
} from '../plots/index.ts';
import {
  choiceRule,
  frontTable,
  hardwareLine,
  type NasPoint,
  OBJECTIVES,
  paretoPoints,
} from './nas-result.ts';

/** Inner studies whose generations are drawn: those of the front's first points. */
const MOST_INNER_CHARTS = 4;

export async function nasReport(
  run: NasRun,
  study: Study,
  storagePlace: string,
  quality: TranslationQuality | undefined,
): Promise<string> {
  const { config, dims, corpus } = run;
  const front = paretoPoints(study);
  const [first] = front;
  const chosen = front.find((p) => p.isChosen);
  const count = (state: TrialState): number => study.trials.filter((trial) => trial.state === state).length;
  const charts = [
    paretoChart(study.trials, { objectives: OBJECTIVES, x: 1, y: 0, title: 'Loss against latency' }),
    paretoChart(study.trials, { objectives: OBJECTIVES, x: 2, y: 0, title: 'Loss against memory' }),
  ];
  return htmlReport({
    title: `NAS '${study.studyName}'`,
    subtitle:
      `${count('COMPLETE')} complete outer trials${count('FAIL') === 0 ? '' : ` (${count('FAIL')} more failed)`}, ` +
      `up to ${config.search.innerTrials} SubTransformers each`,
    sections: [
      {
        title: 'Pareto front',
        blocks: [
          {
            text:
              `${first === undefined ? 'No trial is within its ceilings' : `Sources of ${hardwareLine(first)}`}; for ` +
              `${dims.sourceLength} source and ${dims.targetLength} target tokens, batch 1, one full decoder pass. Validation ` +
              `loss is with weights inherited from the SuperTransformer, over ${run.deployment.judgedPairs} validation pairs. ` +
              'The front is over all three objectives.',
          },
          ...charts.map((spec, i) => ({ svg: renderSvg(spec, { idPrefix: `front${i}` }) })),
          { table: frontTable(front, (value) => value, '; exported unless another is asked for') },
        ],
      },
      {
        title: 'Outer study',
        blocks: historyCharts(study.trials, OBJECTIVES).map((spec, i) => ({
          svg: renderSvg(spec, { idPrefix: `history${i}` }),
        })),
      },
      await innerSection(
        run,
        study,
        front.map((p) => p.trial),
      ),
      trainingSection(run),
      ...(quality === undefined || chosen === undefined ? [] : [translationSection(quality, chosen)]),
      {
        title: 'Where this came from',
        blocks: [
          {
            table: {
              columns: ['what', 'value'],
              rows: [
                ['study', `'${study.studyName}' in ${storagePlace}`],
                ['seed', config.seed],
                ['corpus', config.corpus.directory ?? 'the generated task'],
                ['training pairs', run.task.batches.pairs],
                ['validation pairs', Math.min(config.search.validPairs, run.task.validPairs)],
                ...leftOut(corpus, run.task).map((what) => ['not used', what]),
                ...config.ignoredKeys.map((key) => ['not supported, ignored', key]),
                ['vocabulary', corpus.tokenizer.vocabSize],
                ['deployment', fitLine(run.deployment)],
                ['SubTransformers in the space', config.space.size().toString()],
                ['outer sampler', config.search.outerSampler],
                ['inner sampler', config.search.innerSampler],
              ],
            },
          },
        ],
      },
    ],
  });
}

async function innerSection(
  run: NasRun,
  study: Study,
  frontTrials: readonly number[],
): Promise<ReportSection> {
  const { search } = run.config;
  const loss = OBJECTIVES[0];
  const blocks = [];
  for (const number of frontTrials.slice(0, MOST_INNER_CHARTS)) {
    const record = await study.storage.findStudy(`${study.studyName}/${number}/search`);
    if (record === null) continue;
    const trials: readonly FrozenTrial[] = await study.storage.getTrials(record.studyId);
    const spec = generationsChart(trials, {
      objective: loss,
      generationOf: (n) => generationOf(n, search),
      title: `Inner search of trial ${number}`,
    });
    blocks.push({ svg: renderSvg(spec, { idPrefix: `inner${number}` }) });
  }
  return {
    title: 'Inner searches',
    blocks: blocks.length > 0 ? blocks : [{ text: 'No feasible inner search.' }],
  };
}

function trainingSection(run: NasRun): ReportSection {
  const curve = run.curve();
  const points = (name: 'trainingLoss' | 'largest' | 'smallest'): [number, number][] =>
    curve.flatMap((p) => (p[name] === undefined ? [] : [[p.step, p[name]] as [number, number]]));
  const spec = trainingChart(
    [
      { name: 'training (smoothed labels, sampled SubTransformers)', points: points('trainingLoss') },
      { name: 'validation, largest', points: points('largest') },
      { name: 'validation, smallest', points: points('smallest') },
    ],
    { title: 'SuperTransformer', value: { name: 'loss', unit: 'bits/token' } },
  );
  const summary = run.trainingSummary;
  const text =
    summary === null ? 'Not trained to its end yet.' : `${summary[0].toUpperCase()}${summary.slice(1)}.`;
  return { title: 'Training', blocks: [{ text }, { svg: renderSvg(spec, { idPrefix: 'training' }) }] };
}

function translationSection(quality: TranslationQuality, chosen: NasPoint): ReportSection {
  return {
    title: `Translations of trial ${chosen.trial} (${choiceRule(chosen)})`,
    blocks: [
      {
        text: `${bleuLine(quality)}, with weights inherited from the SuperTransformer (not trained further).`,
      },
      {
        table: {
          columns: ['source', 'reference', 'translation'],
          rows: quality.samples.map(({ source, reference, translation }) => [source, reference, translation]),
        },
      },
    ],
  };
}
