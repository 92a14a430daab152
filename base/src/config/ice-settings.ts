import { isIPv4 } from 'node:net';
import { HouseError } from '#errors';

/** How this box is reached by WebRTC. */
export type IceSettings = {
  /** More addresses to announce beside those of the box: a port-forwarded public address, 127.0.0.1. */
  readonly addresses?: readonly string[];
  /** UDP ports to use, inclusive; give every shard its own. Default: any. */
  readonly portRange?: readonly [number, number];
};

const addressesFix = 'write addresses such as 203.0.113.7, with commas between them';
const portsFix = 'write a range such as 50000-50999, at least two ports for each processor core';

/**
 * How this box is reached by WebRTC, from the environment: `PORCHLIGHT_ICE_ADDRESSES` (IPv4 addresses with commas between)
 * and `PORCHLIGHT_ICE_PORTS` (`50000-50999`, of which each of `shards` takes its own part, so that two never want one port).
 * Throws `HouseError` invalid.
 */
export function readIceSettings(
  env: Readonly<Record<string, string | undefined>>,
  { shard, shards }: { readonly shard: number; readonly shards: number } = { shard: 0, shards: 1 },
): IceSettings {
  const addresses = (env['PORCHLIGHT_ICE_ADDRESSES'] ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const wrong = addresses.find((address) => !isIPv4(address));
  if (wrong !== undefined) {
    throw new HouseError('invalid', `PORCHLIGHT_ICE_ADDRESSES: "${wrong}" is no IPv4 address: ${addressesFix}.`);
  }
  const ports = env['PORCHLIGHT_ICE_PORTS']?.trim() ?? '';
  return { addresses, ...(ports === '' ? {} : { portRange: toShare(ports, shard, shards) }) };
}

function toShare(text: string, shard: number, shards: number): [number, number] {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const low = Number(match?.[1]);
  const high = Number(match?.[2]);
  const each = Math.floor((high - low + 1) / shards);
  if (!match || low < 1024 || high > 65_535 || each < 2) {
    throw new HouseError('invalid', `PORCHLIGHT_ICE_PORTS: "${text}" is no range of ports: ${portsFix}.`);
  }
  return [low + shard * each, low + (shard + 1) * each - 1];
}
