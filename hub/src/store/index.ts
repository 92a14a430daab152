/**
 * What the hub keeps. In: rows and conditions. Out: rows. Promises: each method is one atomic step, the same in memory, SQLite and DynamoDB
 * (one conformance suite, `hub/testing`); no row holds a secret in clear.
 */
export type { AuditLog, AuditName, AuditRow } from './audit-log.ts';
export { openMemoryStore } from './memory-store.ts';
export { openTableStore, type Table, type Tables } from './table-store.ts';
export type {
  AgentRow,
  AlarmQuery,
  AlarmRow,
  Attempts,
  CameraRow,
  CertificateRow,
  ClaimRow,
  CommandAnswer,
  CommandRow,
  CommandState,
  PresenceChange,
  ReportRow,
  Store,
} from './store.ts';
