import type { AgentId } from '@porchlight/contract/ids';
import { alarmTable } from './alarm-table.ts';
import type { AuditLog } from './audit-log.ts';
import type {
  AgentRow,
  AlarmRow,
  Attempts,
  CameraRow,
  CertificateRow,
  ClaimRow,
  CommandRow,
  ReportRow,
  Store,
} from './store.ts';

/** Rows by key. A `Map` is one. Synchronous, so that a condition and the write that hangs on it are one step. */
export type Table<Row> = {
  get(key: string): Row | undefined;
  set(key: string, row: Row): unknown;
  /** True when it was there. */
  delete(key: string): boolean;
  entries(): Iterable<[string, Row]>;
};

/** The tables of the hub. Rows given to `set` are not kept by reference if the caller may change them. */
export type Tables = {
  readonly cameras: Table<CameraRow>;
  readonly agents: Table<AgentRow>;
  readonly certificates: Table<CertificateRow>;
  readonly claims: Table<ClaimRow>;
  readonly commands: Table<CommandRow>;
  readonly reports: Table<ReportRow>;
  readonly settings: Table<string>;
  readonly attempts: Table<Attempts>;
  readonly alarms: Table<AlarmRow>;
};

/** A store over synchronous tables of which this process is the only user, and a log beside them. `close` closes all of it. */
export function openTableStore(tables: Tables, audit: AuditLog, close: () => void): Store {
  return {
    ...cameraTable(tables),
    ...agentTable(tables),
    ...certificateTable(tables),
    ...commandTable(tables),
    ...settingTable(tables),
    ...alarmTable(tables),
    audit,
    close: async () => close(),
  };
}

const copy = <Row>(row: Row): Row => structuredClone(row);
const rowsOf = <Row>(table: Table<Row>): Row[] => Array.from(table.entries(), ([, row]) => row);
const newAgent = (id: AgentId): AgentRow => ({ id, online: false, sinceMs: 0, seenMs: 0, revision: 0 });

type CameraMethods =
  | 'listCameras'
  | 'findCamera'
  | 'addCamera'
  | 'changeCamera'
  | 'removeCamera'
  | 'putReport'
  | 'listReports'
  | 'findReport';

function cameraTable({ cameras, reports }: Tables): Pick<Store, CameraMethods> {
  return {
    listCameras: async () => copy(rowsOf(cameras).sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1))),
    findCamera: async (id) => copy(cameras.get(id)),
    async addCamera(row) {
      if (cameras.get(row.id)) return false;
      cameras.set(row.id, copy(row));
      return true;
    },
    async changeCamera(row) {
      if (cameras.get(row.id)?.version !== row.version - 1) return false;
      cameras.set(row.id, copy(row));
      return true;
    },
    async removeCamera(id) {
      reports.delete(id);
      return cameras.delete(id);
    },
    async putReport(row) {
      const old = reports.get(row.report.id);
      if (!old || old.atMs <= row.atMs) reports.set(row.report.id, copy(row));
    },
    listReports: async () => copy(rowsOf(reports)),
    findReport: async (camera) => copy(reports.get(camera)),
  };
}

function agentTable({ agents }: Tables): Pick<Store, 'listAgents' | 'findAgent' | 'setPresence' | 'nextRevision'> {
  return {
    listAgents: async () => copy(rowsOf(agents).sort((a, b) => (a.id < b.id ? -1 : 1))),
    findAgent: async (id) => copy(agents.get(id)),
    async setPresence(id, { online, atMs, sealingKey, version }) {
      const old = agents.get(id) ?? newAgent(id);
      if (old.seenMs > atMs) return false;
      agents.set(id, {
        ...old,
        ...(sealingKey === undefined ? {} : { sealingKey }),
        ...(version === undefined ? {} : { version }),
        online,
        seenMs: atMs,
        sinceMs: old.online === online && old.sinceMs > 0 ? old.sinceMs : atMs,
      });
      return true;
    },
    async nextRevision(id, above) {
      const old = agents.get(id) ?? newAgent(id);
      const revision = Math.max(old.revision, above) + 1;
      agents.set(id, { ...old, revision });
      return revision;
    },
  };
}

type CertificateMethods =
  | 'addCertificate'
  | 'findCertificate'
  | 'activateCertificate'
  | 'revokeCertificates'
  | 'addClaim'
  | 'findClaim'
  | 'useClaim';

function certificateTable({ certificates, claims }: Tables): Pick<Store, CertificateMethods> {
  return {
    addCertificate: async (row) => void certificates.set(row.fingerprint, copy(row)),
    findCertificate: async (fingerprint) => copy(certificates.get(fingerprint)),
    async activateCertificate({ tokenHash, claim, nowMs, agentId, serialNumber }) {
      for (const row of rowsOf(certificates)) {
        if (row.tokenHash !== tokenHash || row.claim !== claim) continue;
        if (row.state !== 'pending' || row.tokenExpiresMs <= nowMs) return undefined;
        const active: CertificateRow = { ...row, state: 'active', agentId, serialNumber };
        certificates.set(row.fingerprint, active);
        return copy(active);
      }
      return undefined;
    },
    async revokeCertificates(agentId, exceptFingerprint) {
      const revoked: string[] = [];
      for (const row of rowsOf(certificates)) {
        if (row.agentId !== agentId || row.state !== 'active' || row.fingerprint === exceptFingerprint) continue;
        certificates.set(row.fingerprint, { ...row, state: 'revoked' });
        revoked.push(row.fingerprint);
      }
      return revoked;
    },
    addClaim: async (row) => void claims.set(row.fingerprint, copy(row)),
    findClaim: async (fingerprint) => copy(claims.get(fingerprint)),
    async useClaim(fingerprint, nowMs) {
      const row = claims.get(fingerprint);
      if (!row || row.used || row.expiresMs <= nowMs) return undefined;
      claims.set(fingerprint, { ...row, used: true });
      return copy({ ...row, used: true });
    },
  };
}

type CommandMethods = 'addCommand' | 'findCommand' | 'listWaitingCommands' | 'answerCommand' | 'forgetExpired';

function commandTable({ commands, claims, certificates, attempts }: Tables): Pick<Store, CommandMethods> {
  return {
    addCommand: async (row) => void commands.set(row.id, copy(row)),
    findCommand: async (id) => copy(commands.get(id)),
    listWaitingCommands: async (agentId, nowMs) =>
      copy(
        rowsOf(commands)
          .filter((row) => row.agentId === agentId && row.state === 'waiting' && row.expiresMs > nowMs)
          .sort((a, b) => a.createdMs - b.createdMs),
      ),
    async answerCommand(id, agentId, { ok, result, error, atMs }) {
      const row = commands.get(id);
      if (!row || row.agentId !== agentId || row.state !== 'waiting' || row.expiresMs <= atMs) return false;
      const answer = { ...(result === undefined ? {} : { result }), ...(error === undefined ? {} : { error }) };
      commands.set(id, copy({ ...row, state: ok ? 'done' : 'failed', ...answer }));
      return true;
    },
    async forgetExpired(beforeMs) {
      for (const [key, row] of [...commands.entries()]) if (row.expiresMs < beforeMs) commands.delete(key);
      for (const [key, row] of [...claims.entries()]) if (row.expiresMs < beforeMs) claims.delete(key);
      for (const [key, row] of [...attempts.entries()]) if (row.untilMs < beforeMs) attempts.delete(key);
      for (const [key, row] of [...certificates.entries()])
        if (row.state === 'pending' && row.tokenExpiresMs < beforeMs) certificates.delete(key);
    },
  };
}

type SettingMethods = 'findSetting' | 'putSetting' | 'takeSetting' | 'countAttempt' | 'forgetAttempts';

function settingTable({ settings, attempts }: Tables): Pick<Store, SettingMethods> {
  return {
    findSetting: async (name) => settings.get(name),
    putSetting: async (name, value) => void settings.set(name, value),
    takeSetting: async (name, value) => settings.get(name) === value && settings.delete(name),
    async countAttempt(key, windowMs, nowMs) {
      const old = attempts.get(key);
      const next =
        old && old.untilMs > nowMs
          ? { count: old.count + 1, untilMs: old.untilMs }
          : { count: 1, untilMs: nowMs + windowMs };
      attempts.set(key, next);
      return { ...next };
    },
    forgetAttempts: async (key) => void attempts.delete(key),
  };
}
