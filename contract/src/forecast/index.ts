/**
 * For how long footage will be kept. In: what cameras send, what bounds them, what the disks hold. Out: days.
 * Promises: the same figures on the machine that records and on the page that asks before it saves; pure, and free of schemas.
 */
export {
  forecast,
  toFloorBytes,
  toInflow,
  toSafeBytes,
  toUsableBytes,
  type Forecast,
  type Inflow,
} from './forecast.ts';
