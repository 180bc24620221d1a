/** A nested search is typed by what its outer trials decide. */
import { createStudy } from 'thanos-hpo';
import { type NestedNasOptions, nestedNas } from 'thanos-hpo/objectives';
import { typed } from './typed.ts';

declare const options: NestedNasOptions;
const { space, directions, objective } = nestedNas(options);
const study = await createStudy({ space, directions });
await study.optimize(objective, { totalTrials: 2 });
const [best] = study.bestTrials;
typed(best.params.qkvDim).as<number>();
typed(best.params.memoryCeilingMiB).as<number>();
typed(best.params.latencyCeilingMs).as<number | undefined>();
typed(best.values).as<readonly [number, number, number]>();
// @ts-expect-error: no such parameter
best.params.layers;
const untyped = await createStudy({ directions });
await untyped.optimize(space, objective);
await untyped.optimize(
  space,
  async (params, trial) => {
    typed(params.qkvDim).as<number>();
    return objective({ ...params, qkvDim: 64 }, trial);
  },
  { totalTrials: 1 },
);
