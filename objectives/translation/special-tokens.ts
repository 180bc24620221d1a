/** Ids of the special tokens, the same in every vocabulary. */
export const PAD_ID = 0;
export const BOS_ID = 1;
export const EOS_ID = 2;
export const UNKNOWN_ID = 3;

/** In the order of their ids. */
export const SPECIAL_TOKENS = ['<pad>', '<s>', '</s>', '<unk>'] as const;
