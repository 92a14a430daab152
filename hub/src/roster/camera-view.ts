import type { Camera, CameraState } from '@porchlight/contract/camera';
import { defaultRecordingPlan } from '@porchlight/contract/recording-plan';
import type { AgentRow, CameraRow, ReportRow } from '#store';

/** An agent that has not called yet gets this long after the hub's start before its cameras count as lost. */
export const firstHelloMs = 10_000;

export type ViewParts = {
  readonly agent: AgentRow | undefined;
  readonly report: ReportRow | undefined;
  readonly nowMs: number;
  /** When this hub started: agents need a moment to call again. */
  readonly startedMs: number;
};

/** A camera as the API shows it, from what the owner wants and what its agent last said. */
export function toCamera(row: CameraRow, parts: ViewParts): Camera {
  const report = parts.report?.report;
  return {
    id: row.id,
    agentId: row.agentId,
    name: row.name,
    sourceKind: row.sourceKind,
    url: row.url,
    ...(row.subUrl === undefined ? {} : { subUrl: row.subUrl }),
    transport: row.transport,
    hasCredentials: row.sealedCredentials !== undefined,
    paused: row.paused,
    ...(row.stallMs === undefined ? {} : { stallMs: row.stallMs }),
    ...(row.capBytes === undefined ? {} : { capBytes: row.capBytes }),
    ...(row.budget === undefined ? {} : { budget: row.budget }),
    recording: row.recording ?? defaultRecordingPlan,
    createdMs: row.createdMs,
    state: toState(row, parts),
    streams: report?.streams ?? [],
    ...(report === undefined ? {} : { usedBytes: report.usedBytes }),
    ...(report?.kept === undefined ? {} : { kept: report.kept }),
    ...(report?.oldestMs === undefined ? {} : { oldestMs: report.oldestMs }),
  };
}

function toState(row: CameraRow, { agent, report, nowMs, startedMs }: ViewParts): CameraState {
  if (!agent?.online) {
    const sinceMs = Math.max(agent?.sinceMs ?? 0, row.createdMs);
    const neverCalled = agent === undefined || agent.seenMs <= startedMs;
    if (neverCalled && nowMs - startedMs < firstHelloMs) return { status: 'starting', sinceMs: row.createdMs };
    const message =
      'The recording program is not running. It is started again by itself; if it stays away, restart Porchlight.';
    return { status: 'offline', reason: 'agent-down', message, sinceMs };
  }
  if (row.paused && report?.report.state.status !== 'paused') return { status: 'paused', sinceMs: nowMs };
  if (!row.paused && report?.report.state.status === 'paused') return { status: 'starting', sinceMs: nowMs };
  return report?.report.state ?? { status: 'starting', sinceMs: row.createdMs };
}
