/** The messages between `SessionWorker` and the thread it starts. */
import type { GraphErrorCode } from '../../src/core/errors.ts';
import type { SessionOptions } from './runtime.ts';
import type { TensorMap } from './state-file.ts';

/** Which output replaces which resident tensor after each run: `{ weight: 'weight.next' }`. */
export type Updates = Readonly<Record<string, string>>;

/** What a state file has to hold, all of it float32, and nothing else. */
export type ShapesByName = Readonly<Record<string, readonly number[]>>;

export type Command =
  | {
      readonly kind: 'open';
      readonly model: Uint8Array;
      readonly options: SessionOptions;
      readonly updates: Updates;
    }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly feeds: TensorMap;
      readonly fetches: readonly string[];
    }
  | { readonly kind: 'release'; readonly session: number }
  | { readonly kind: 'setState'; readonly tensors: TensorMap }
  | { readonly kind: 'getState'; readonly names: readonly string[] | null }
  | { readonly kind: 'deleteState'; readonly names: readonly string[] }
  | {
      readonly kind: 'saveState';
      readonly path: string;
      readonly names: readonly string[] | null;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'loadState';
      readonly path: string;
      /** Shapes by name; null: whatever the file holds. */
      readonly expected: ShapesByName | null;
    }
  | { readonly kind: 'close' };

export type SessionRequest = Command & { readonly id: number };

export type Result =
  | { readonly kind: 'session'; readonly session: number }
  | { readonly kind: 'tensors'; readonly tensors: TensorMap }
  | { readonly kind: 'metadata'; readonly metadata: Readonly<Record<string, string>> }
  | { readonly kind: 'done' };

export type SessionResponse =
  | { readonly id: number; readonly ok: true; readonly result: Result }
  | { readonly id: number; readonly ok: false; readonly code: GraphErrorCode; readonly message: string };
