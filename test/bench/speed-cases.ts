/** Whole studies whose speed is compared: a cheap objective, so that the framework's own time is what is measured. */
export interface SpeedCase {
  readonly name: string;
  readonly sampler: 'random' | 'tpe' | 'nsga2' | 'cmaes';
  readonly dimensions: number;
  readonly nObjectives: 1 | 2;
  readonly nTrials: number;
  /** Only with --long. */
  readonly isLong?: boolean;
  /** Optuna takes minutes. */
  readonly skipsOptuna?: boolean;
}

/** Item 7 of the issue. */
export const SPEED_CASES: readonly SpeedCase[] = [
  { name: 'TPE 10 x 1000', sampler: 'tpe', dimensions: 10, nObjectives: 1, nTrials: 1000 },
  { name: 'TPE 40 x 1000', sampler: 'tpe', dimensions: 40, nObjectives: 1, nTrials: 1000 },
  { name: 'MO-TPE 10 x 1000', sampler: 'tpe', dimensions: 10, nObjectives: 2, nTrials: 1000 },
  { name: 'CMA-ES 10 x 10000', sampler: 'cmaes', dimensions: 10, nObjectives: 1, nTrials: 10000 },
  { name: 'NSGA-II 10 x 10000', sampler: 'nsga2', dimensions: 10, nObjectives: 2, nTrials: 10000 },
  { name: 'random 10 x 10000', sampler: 'random', dimensions: 10, nObjectives: 1, nTrials: 10000 },
  {
    name: 'TPE 10 x 10000',
    sampler: 'tpe',
    dimensions: 10,
    nObjectives: 1,
    nTrials: 10000,
    isLong: true,
    skipsOptuna: true,
  },
];

/** What is run in a process of its own: the case `studies` times, one study after the other. */
export interface SpeedJob extends SpeedCase {
  readonly side: 'declared' | 'define-by-run' | 'optuna' | 'rustuna';
  readonly studies: number;
}

export interface StudyTime {
  readonly wallS: number;
  readonly cpuS: number;
  /** Ours: what the study keeps in memory, MB (10^6 bytes), after a garbage collection. */
  readonly memoryMB?: number;
}
