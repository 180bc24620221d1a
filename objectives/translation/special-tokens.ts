/** Ids of the special tokens, the same in every vocabulary. */
export const PAD_ID = 0;
/** `<s>`, which begins what the decoder reads. */
export const BOS_ID = 1;
/** `</s>`, which ends every sentence. */
export const EOS_ID = 2;
/** `<unk>`: a character that the vocabulary does not hold. */
export const UNKNOWN_ID = 3;

/** In the order of their ids. */
export const SPECIAL_TOKENS = ['<pad>', '<s>', '</s>', '<unk>'] as const;
