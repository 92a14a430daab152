/** Errors that cross a wall: one class, eight kinds, one mapping to HTTP. In: causes. Out: `HouseError`. */
export { HouseError, toHouseError, toHttpStatus, type ErrorKind } from './house-error.ts';
