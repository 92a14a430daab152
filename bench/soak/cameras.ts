/** The simulated cameras of the soak, in a process of their own: `COUNT [MBIT_PER_SECOND [PORT]]`. In: `{ name, fault }` over IPC. Out: `{ base }` once. */
import { systemClock } from '../../base/src/clock/index.ts';
import { openLog } from '../../base/src/log/index.ts';
import type { Fault } from '../../simulator/src/faults/index.ts';
import { openSimulator } from '../../simulator/src/server/index.ts';
import { looks, makeMovie, toPictureBytes } from './movies.ts';

export type FaultMessage = { readonly name: string; readonly fault: Fault | undefined };

const count = Number(process.argv[2]);
const size = process.argv[3] === undefined ? {} : { pictureBytes: toPictureBytes(Number(process.argv[3])) };
const [movie, alternate, replacement] = [
  makeMovie({ ...looks.main, ...size }),
  makeMovie({ ...looks.alternate, ...size }),
  makeMovie({ ...looks.replacement, ...size }),
];
const simulator = await openSimulator({
  clock: systemClock,
  log: openLog({ name: 'cameras', level: 'error' }),
  port: Number(process.argv[4] ?? 0),
  streams: Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `cam${index + 1}`,
      { movie, alternate: { movie: alternate }, replacement: { movie: replacement }, startAtMs: index * 37 },
    ]),
  ),
});
process.on('message', ({ name, fault }: FaultMessage) => simulator.setFault(name, fault));
process.on('disconnect', () => process.exit(0));
process.send?.({ base: `rtsp://127.0.0.1:${simulator.port}` });
