export * from './best-rows.ts';
export * from './crowding-distance.ts';
export * from './domination.ts';
export * from './hypervolume.ts';
export * from './non-dominated-sort.ts';
export * from './rows.ts';
export * from './stable-order.ts';
export * from './subset-selection.ts';
