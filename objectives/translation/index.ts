export * from './batching.ts';
export * from './beam-search.ts';
export * from './bleu.ts';
export * from './bpe-tokenizer.ts';
export * from './generated-task.ts';
export * from './parallel-corpus.ts';
export * from './special-tokens.ts';
