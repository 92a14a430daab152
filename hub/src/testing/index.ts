/** Conformance suites, one per port. In: how to open an implementation. Out: tests. Never imported by production code. */
export { describeStore } from './test/store-suite.ts';
export { makeHouseKeys, type HouseKeys } from './test/house-keys.ts';
export { describeApi, type ApiWorld } from './test/api-suite.ts';
