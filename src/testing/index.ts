/** Conformance kits: what an implementation of a contract must pass. */
export * from './storage-kit.ts';
