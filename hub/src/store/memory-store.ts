import { openMemoryAuditLog } from './audit-log.ts';
import type { Store } from './store.ts';
import { openTableStore } from './table-store.ts';

/** A store that forgets everything when the process ends; the reference for the others and the store of tests. */
export function openMemoryStore(): Store {
  const tables = {
    cameras: new Map(),
    agents: new Map(),
    certificates: new Map(),
    claims: new Map(),
    commands: new Map(),
    reports: new Map(),
    settings: new Map(),
    attempts: new Map(),
    alarms: new Map(),
  };
  return openTableStore(tables, openMemoryAuditLog(), () => undefined);
}
