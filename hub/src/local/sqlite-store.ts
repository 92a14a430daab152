import { DatabaseSync } from 'node:sqlite';
import { openTableStore, type Store, type Table, type Tables } from '#store';
import { openSqliteAuditLog } from './sqlite-audit-log.ts';

const schemaVersion = 1;
const tableNames = ['cameras', 'agents', 'certificates', 'claims', 'commands', 'settings', 'alarms'] as const;

/** Files of the store; `:memory:` for tests. */
export type SqliteStorePaths = {
  readonly path: string;
  /** What agents have shown, in a file of its own, so that it can be copied away by itself. */
  readonly auditPath: string;
};

/**
 * The store of one box: rows as JSON in SQLite (WAL, every commit synced). How cameras are (`reports`) and counted attempts stay in memory:
 * agents send all of the former again within a second of each connect, and writing them would wake the disk every second.
 * The caller holds the data folder's lock, so that no other process writes here.
 */
export function openSqliteStore({ path, auditPath }: SqliteStorePaths): Store {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (typeof version === 'number' && version > schemaVersion) {
    database.close();
    throw new Error(`The data folder was written by a newer Porchlight (schema ${version}): update this one.`);
  }
  for (const name of tableNames) {
    database.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID`);
  }
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  const tables: Tables = {
    cameras: openTable(database, 'cameras'),
    agents: openTable(database, 'agents'),
    certificates: openTable(database, 'certificates'),
    claims: openTable(database, 'claims'),
    commands: openTable(database, 'commands'),
    settings: openTable(database, 'settings'),
    alarms: openTable(database, 'alarms'),
    reports: new Map(),
    attempts: new Map(),
  };
  const audit = openSqliteAuditLog(auditPath);
  return openTableStore(tables, audit, () => {
    database.close();
    audit.close();
  });
}

function openTable<Row>(database: DatabaseSync, name: (typeof tableNames)[number]): Table<Row> {
  const get = database.prepare(`SELECT row FROM ${name} WHERE key = ?`);
  const all = database.prepare(`SELECT key, row FROM ${name} ORDER BY key`);
  const set = database.prepare(
    `INSERT INTO ${name} (key, row) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET row = excluded.row`,
  );
  const remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  return {
    get(key) {
      const found = get.get(key);
      return found === undefined ? undefined : (JSON.parse(String(found['row'])) as Row);
    },
    set: (key, row) => set.run(key, JSON.stringify(row)),
    delete: (key) => Number(remove.run(key).changes) > 0,
    entries: () => all.all().map((found) => [String(found['key']), JSON.parse(String(found['row'])) as Row]),
  };
}
