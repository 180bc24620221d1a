/** The heartbeat thread's entry. */
import { workerData } from 'node:worker_threads';
import { type HeartbeatTask, keepBeating } from './heartbeat.ts';

keepBeating(workerData as HeartbeatTask);
