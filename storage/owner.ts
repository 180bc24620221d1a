/**
 * Who works on a RUNNING trial. An owner is a process: host, boot, pid namespace, pid and start time, so that neither
 * a reused pid nor a reboot makes a dead owner look alive (the start time is field 22 of proc_pid_stat(5)).
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning, pidNamespace } from '../src/core/processes.ts';

interface Owner {
  readonly host: string;
  /** Kernel's boot id; null where there is no /proc. */
  readonly boot: string | null;
  /** Pid namespace: containers may share a host name, but not their pids. */
  readonly pidns: string | null;
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly start: string | null;
  /** Name of the lock that it holds for as long as it lives; see sqlite/owner-lock.ts. */
  readonly lock?: string | undefined;
}

/** Whether the process of an owner is known to live. */
export type OwnerStatus = 'alive' | 'dead' | 'elsewhere';

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const bootId = (): string | null =>
  orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
/** A pid namespace may have been given the /proc of another, in which pids mean other processes. */
const isProcOwn = (): boolean => orNull(() => readlinkSync('/proc/self')) === String(process.pid);

/** State letter and start time of a process; null if it does not exist or there is no /proc. */
function processStat(pid: number): { state: string; start: string } | null {
  const folder = pid === process.pid ? 'self' : pid;
  const stat = orNull(() => readFileSync(`/proc/${folder}/stat`, 'utf8'));
  if (stat === null) return null;
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], start: fields[19] };
}

/** Owner string of a process on this host; by default of this process, which may hold a lock. */
export function ownerOf(pid: number = process.pid, lock?: string): string {
  const owner: Owner = {
    host: hostname(),
    boot: bootId(),
    pidns: pidNamespace(),
    pid,
    start: processStat(pid)?.start ?? null,
    lock,
  };
  return JSON.stringify(owner);
}

function parseOwner(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return typeof owner?.host === 'string' && Number.isSafeInteger(owner.pid) ? (owner as Owner) : null;
  } catch {
    return null;
  }
}

/** Tells threads, and copies of this package in one process, apart. */
const LOADED_AT = process.hrtime.bigint().toString(36);

/** A name for the lock of this process that no other one on this file can have, neither now nor later. */
export function lockName(): string {
  const parts = [bootId()?.slice(0, 8) ?? hostname(), pidNamespace() ?? 'pid', process.pid, LOADED_AT];
  return parts.join('-').replaceAll(/[^\w-]/g, '');
}

/** The name of the lock of an owner on this machine, in whatever container; null if there is none. */
export function neighborLock(text: string): string | null {
  const { boot, lock } = parseOwner(text) ?? {};
  const isNeighbor = typeof boot === 'string' && boot === bootId();
  return isNeighbor && typeof lock === 'string' && /^[\w-]+$/.test(lock) ? lock : null;
}

/**
 * 'elsewhere': its process cannot be seen from here (another host or container, or an unknown form); its lock or its
 * heartbeat tells whether it lives.
 */
export function ownerStatus(text: string): OwnerStatus {
  const owner = parseOwner(text);
  if (owner === null || owner.host !== hostname()) return 'elsewhere';
  if (owner.boot !== bootId()) return 'dead';
  if (owner.pidns !== pidNamespace()) return 'elsewhere';
  const isSelf = owner.pid === process.pid && owner.start === (processStat(process.pid)?.start ?? null);
  if (isSelf) return 'alive';
  if (owner.start !== null && !isProcOwn()) return 'elsewhere';
  if (owner.start === null) return isRunning(owner.pid) ? 'alive' : 'dead';
  const stat = processStat(owner.pid);
  // Z, X: killed, but its parent has not yet collected it.
  return stat !== null && stat.start === owner.start && !'ZXx'.includes(stat.state) ? 'alive' : 'dead';
}
