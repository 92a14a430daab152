import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@porchlight/base/clock';
import { openLog } from '@porchlight/base/log';
import type { ShardSetup, ToShard } from './messages.ts';
import { openShard } from './shard.ts';

/** Entry of a shard's thread. */
const port = parentPort;
if (!port) throw new Error('This is the entry of a worker thread, started by the shard pool');
const setup = workerData as ShardSetup;
const log = openLog({ name: 'agent', level: setup.level }).child({ shard: setup.index });
const shard = await openShard({ setup, clock: systemClock, log, send: (message) => port.postMessage(message) });
port.on('message', (message: ToShard) => shard.take(message));
