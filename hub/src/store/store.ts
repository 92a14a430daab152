import type { CameraReport, CommandVerb, Sealed } from '@porchlight/contract/agent';
import type { Alarm, AlarmId } from '@porchlight/contract/alarms';
import type { SourceKind, Transport } from '@porchlight/contract/camera';
import type { ApiError } from '@porchlight/contract/errors';
import type { AgentId, CameraId, CommandId } from '@porchlight/contract/ids';
import type { RecordingPlan } from '@porchlight/contract/recording-plan';
import type { FootageBudget } from '@porchlight/contract/storage';
import type { AuditLog } from './audit-log.ts';

/** A camera as the owner wants it. */
export type CameraRow = {
  readonly id: CameraId;
  readonly agentId: AgentId;
  readonly name: string;
  readonly sourceKind: SourceKind;
  /** Without credentials. */
  readonly url: string;
  readonly subUrl?: string;
  readonly transport: Transport;
  /** Credentials sealed to the agent's key; the hub cannot open them. */
  readonly sealedCredentials?: Sealed;
  readonly paused: boolean;
  /** Milliseconds without video that make a stall. */
  readonly stallMs?: number;
  readonly capBytes?: number;
  /** Absent: what holds for every camera. */
  readonly budget?: FootageBudget;
  /** Absent: everything is kept. */
  readonly recording?: RecordingPlan;
  readonly createdMs: number;
  readonly createdBy: string;
  /** Grows by one with every change. */
  readonly version: number;
};

export type AgentRow = {
  readonly id: AgentId;
  /** SPKI DER, base64url. */
  readonly sealingKey?: string;
  readonly version?: string;
  readonly online: boolean;
  /** When `online` last changed. */
  readonly sinceMs: number;
  readonly seenMs: number;
  /** Newest revision of its desired configuration that was made. */
  readonly revision: number;
};

/** What a presence message changes. */
export type PresenceChange = {
  readonly online: boolean;
  readonly atMs: number;
  readonly sealingKey?: string;
  readonly version?: string;
};

/** A device certificate. `pending` until its owner has shown the ownership token. */
export type CertificateRow = {
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
  readonly state: 'pending' | 'active' | 'revoked';
  /** Fingerprint of the certificate that asked for it: of a claim, or the agent's before this one. */
  readonly claim: string;
  readonly tokenHash: string;
  readonly tokenExpiresMs: number;
  readonly createdMs: number;
  readonly agentId?: AgentId;
  readonly serialNumber?: string;
};

/** A permission to provision one agent, shown as a short-lived certificate. */
export type ClaimRow = {
  /** SHA-256 of the claim certificate's DER, hexadecimal. */
  readonly fingerprint: string;
  readonly agentId: AgentId;
  readonly expiresMs: number;
  readonly used: boolean;
};

export type CommandState = 'waiting' | 'done' | 'failed';
export type CommandRow = {
  readonly id: CommandId;
  readonly agentId: AgentId;
  readonly verb: CommandVerb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly expiresMs: number;
  readonly state: CommandState;
  readonly result?: unknown;
  readonly error?: ApiError;
};

export type CommandAnswer = { readonly ok: boolean; readonly result?: unknown; readonly error?: ApiError };

export type ReportRow = { readonly agentId: AgentId; readonly atMs: number; readonly report: CameraReport };

/** An alarm with whether somebody has seen it. */
export type AlarmRow = Alarm;

/** Which alarms: those that overlap a span, of one camera or all. */
export type AlarmQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cameraId?: CameraId;
  readonly limit: number;
};

/** Attempts counted in a window that starts with the first. */
export type Attempts = { readonly count: number; readonly untilMs: number };

/**
 * All that the hub keeps, but accounts (see `identity`). Every method is one step that a key-value store can do with one conditional write or
 * one query; rows that come out are the caller's own. Times are wall milliseconds UTC, given by the caller.
 */
export interface Store {
  listCameras(): Promise<CameraRow[]>;
  findCamera(id: CameraId): Promise<CameraRow | undefined>;
  /** False, and nothing changed, when the id is taken. */
  addCamera(row: CameraRow): Promise<boolean>;
  /** False, and nothing changed, unless the stored version is `row.version - 1`. */
  changeCamera(row: CameraRow): Promise<boolean>;
  /** False when it was not there. Its report goes too. */
  removeCamera(id: CameraId): Promise<boolean>;

  listAgents(): Promise<AgentRow[]>;
  findAgent(id: AgentId): Promise<AgentRow | undefined>;
  /** Makes the agent when it is new. A change older than what is stored is ignored and gives false. */
  setPresence(id: AgentId, change: PresenceChange): Promise<boolean>;
  /** Makes and gives the next revision, above every one before and above `above`. */
  nextRevision(id: AgentId, above: number): Promise<number>;

  addCertificate(row: CertificateRow): Promise<void>;
  findCertificate(fingerprint: string): Promise<CertificateRow | undefined>;
  /** Turns the pending certificate with this token active, once, before it expires. Undefined when there is none. */
  activateCertificate(token: {
    readonly tokenHash: string;
    readonly claim: string;
    readonly nowMs: number;
    readonly agentId: AgentId;
    readonly serialNumber: string;
  }): Promise<CertificateRow | undefined>;
  /** Revokes the agent's other active certificates; gives their fingerprints. */
  revokeCertificates(agentId: AgentId, exceptFingerprint: string): Promise<string[]>;

  addClaim(row: ClaimRow): Promise<void>;
  findClaim(fingerprint: string): Promise<ClaimRow | undefined>;
  /** Uses a claim up. Undefined when it was used before, has expired or never was. */
  useClaim(fingerprint: string, nowMs: number): Promise<ClaimRow | undefined>;

  addCommand(row: CommandRow): Promise<void>;
  findCommand(id: CommandId): Promise<CommandRow | undefined>;
  /** Unanswered and unexpired, oldest first: sent again after each connect. */
  listWaitingCommands(agentId: AgentId, nowMs: number): Promise<CommandRow[]>;
  /** Stores the first answer of the agent that was asked, before the command expires. False otherwise. */
  answerCommand(id: CommandId, agentId: AgentId, answer: CommandAnswer & { atMs: number }): Promise<boolean>;
  /** Forgets commands that expired before this time, and claims, tokens and attempts with them. */
  forgetExpired(beforeMs: number): Promise<void>;

  /** Stores how a camera is; a report older than the stored one is ignored. */
  putReport(row: ReportRow): Promise<void>;
  listReports(): Promise<ReportRow[]>;
  findReport(camera: CameraId): Promise<ReportRow | undefined>;

  /**
   * Stores what is said of an alarm: new words, an end. False, and nothing changed, when that is no news, or when the id is another agent's. An alarm
   * that has ended stays ended, an acknowledgement stays.
   */
  putAlarm(row: AlarmRow): Promise<boolean>;
  findAlarm(id: AlarmId): Promise<AlarmRow | undefined>;
  /** Those that stand, newest start first. */
  listOpenAlarms(): Promise<AlarmRow[]>;
  /** Newest start first, at most `limit`. */
  listAlarms(query: AlarmQuery): Promise<AlarmRow[]>;
  /** Ends an alarm that stands, not before it began. False when there is none. */
  endAlarm(id: AlarmId, endMs: number): Promise<boolean>;
  /** The first acknowledgement counts. Undefined when there is no such alarm. */
  acknowledgeAlarm(id: AlarmId, seen: { readonly atMs: number; readonly by: string }): Promise<AlarmRow | undefined>;
  /** Forgets alarms that ended before this time, and the oldest ended ones beyond `most`. */
  forgetAlarms(beforeMs: number, most: number): Promise<void>;

  findSetting(name: string): Promise<string | undefined>;
  putSetting(name: string, value: string): Promise<void>;
  /** Takes a setting away if it has this value. True for exactly one caller. */
  takeSetting(name: string, value: string): Promise<boolean>;

  /** Counts one attempt, in a new window of `windowMs` when the last one is over. */
  countAttempt(key: string, windowMs: number, nowMs: number): Promise<Attempts>;
  forgetAttempts(key: string): Promise<void>;

  /** What agents have shown of their records. */
  readonly audit: AuditLog;

  close(): Promise<void>;
}
