/** Assertions about types: a program with one that does not hold does not compile. */

/** Whether two types are the same to the compiler, not only assignable to each other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `typed(value).as<T>()` compiles only if the type of the value is `T`. */
export declare function typed<T>(value: T): {
  as<U>(...unless: Same<T, U> extends true ? [] : [expected: U, actual: T]): void;
};
