/**
 * The ports as one box has them. In: paths in the data folder. Out: store, accounts, broker. Promises: one process per folder; files are the
 * owner's alone. Never imported where there is no disk.
 */
export { openAccountIdentity } from './account-identity.ts';
export { openBroker, type Broker, type BrokerOptions } from './broker.ts';
export { openDataFolder, type DataFolder } from './data-folder.ts';
export { openSqliteStore } from './sqlite-store.ts';
