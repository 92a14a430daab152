import { DatabaseSync } from 'node:sqlite';
import type { AuditLog, AuditRow } from '#store';

const schema = `
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;
CREATE TABLE IF NOT EXISTS audit (
  agent TEXT NOT NULL, camera TEXT NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL, chain_link TEXT NOT NULL, row TEXT NOT NULL,
  PRIMARY KEY (agent, camera, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS audit_by_place ON audit (agent, camera, seq, chain_link);
CREATE INDEX IF NOT EXISTS audit_by_time ON audit (camera, at_ms, agent, number);
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'an audit log is only written on'); END;
CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'an audit log is only written on'); END;
`;

/** The log of one box, in a file of its own, so that it can be copied away by itself. The caller holds the data folder's lock. */
export function openSqliteAuditLog(path: string): AuditLog & { close(): void } {
  const database = new DatabaseSync(path);
  database.exec(schema);
  const insert = database.prepare(
    `INSERT INTO audit (agent, camera, number, at_ms, seq, chain_link, row) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
     WHERE ?3 = 1 + coalesce((SELECT max(number) FROM audit WHERE agent = ?1 AND camera = ?2), 0)`,
  );
  const last = database.prepare('SELECT row FROM audit WHERE agent = ? AND camera = ? ORDER BY number DESC LIMIT 1');
  const place = database.prepare(
    'SELECT row FROM audit WHERE agent = ? AND camera = ? AND seq = ? AND chain_link = ? ORDER BY number LIMIT 1',
  );
  const list = database.prepare(
    `SELECT row FROM audit WHERE camera = ?1 AND at_ms < ?3
     AND at_ms >= coalesce((SELECT max(at_ms) FROM audit WHERE camera = ?1 AND at_ms <= ?2), 0) ORDER BY at_ms, agent, number LIMIT ?4`,
  );
  const parse = (row: Record<string, unknown> | undefined): AuditRow | undefined =>
    row === undefined ? undefined : (JSON.parse(row['row'] as string) as AuditRow);
  return {
    async append(row) {
      const { agent, camera, number, atMs, head } = row;
      const { seq, link } = head.head;
      return Number(insert.run(agent, camera, number, atMs, seq, link, JSON.stringify(row)).changes) > 0;
    },
    findLast: async ({ agent, camera }) => parse(last.get(agent, camera)),
    find: async ({ agent, camera }, seq, link) => parse(place.get(agent, camera, seq, link)),
    list: async (camera, { fromMs, toMs, limit }) => list.all(camera, fromMs, toMs, limit).map((row) => parse(row)!),
    close: () => database.close(),
  };
}
