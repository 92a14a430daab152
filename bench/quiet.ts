/**
 * Counts the packets that one box sends to anything but its cameras and browsers: the whole house in a network namespace whose
 * default route leads into a counting device with nobody behind it. node bench/quiet.ts [--minutes 60] (root, iproute2)
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startHouse, until } from './house.ts';
import { sleep } from './measure.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, inside: { type: 'boolean' } } });
const minutes = Number(values.minutes ?? 60);

if (!values.inside) {
  const run = spawnSync(
    'unshare',
    ['--net', process.execPath, import.meta.filename, '--inside', '--minutes', String(minutes)],
    { stdio: 'inherit' },
  );
  process.exit(run.status ?? 1);
}

for (const command of [
  'link set lo up',
  'link add outside type veth peer name beyond',
  'link set beyond up',
  'addr add 198.51.100.2/24 dev outside',
  'link set outside up',
  'route add default via 198.51.100.1',
  'neigh add 198.51.100.1 lladdr 02:00:00:00:00:01 dev outside',
]) {
  execFileSync('ip', command.split(' '));
}
spawnSync('sysctl', ['-qw', 'net.ipv6.conf.outside.disable_ipv6=1']);
const sent = (): number => {
  const links = JSON.parse(execFileSync('ip', ['-s', '-j', 'link', 'show', 'outside'], { encoding: 'utf8' })) as {
    stats64: { tx: { packets: number } };
  }[];
  return links[0]!.stats64.tx.packets;
};
// The counter counts: one datagram to a documentation address must show up.
const before = sent();
spawnSync('bash', ['-c', 'echo probe > /dev/udp/203.0.113.9/9']);
const counted = sent() - before;

const house = await startHouse([]);
await until(
  async () => ((await house.api('/api/cameras/demo-street')).status === 200 ? true : undefined),
  'the demo camera',
);
const start = sent();
for (let minute = 0; minute < minutes; minute++) await sleep(60_000);
const packets = sent() - start;
await house.stop();
console.log(JSON.stringify({ minutes, probePacketsCounted: counted, packetsToOutside: packets }));
process.exit(counted > 0 && packets === 0 ? 0 : 1);
