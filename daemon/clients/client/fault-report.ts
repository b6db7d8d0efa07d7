import { createHmac, randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { messageOf, systemCode } from '../../errors.ts';
import { protocolVersion } from '../../protocol/handshake.ts';
import type { Status } from '../../protocol/routes/system.ts';
import { openRegular, readAt } from '../../runtime/file-reader.ts';
import { faultLines, faultText } from '../../secrets/fault-lines.ts';
import { redacted } from '../../secrets/redact.ts';

type Fact = string | number | boolean | null;

/** A report of a fault: titles with their facts, and the last lines of the service's log. It names no model, path, person or host. */
export interface FaultReport {
  facts: Record<string, Record<string, Fact>>;
  /** Undefined for a service on another machine, whose log is there. */
  log: { lines: string[]; leftOut: number; problem: string | null } | undefined;
}

/** What the program that makes a report knows. */
export interface ReportedProgram {
  version: string;
  /** The running service's status; undefined if none runs, null if it does not answer. */
  status: Status | null | undefined;
  /** Undefined for a service on another machine. */
  dataFolder: string | undefined;
  /** Further facts by title, which must be free of secrets. */
  more?: Record<string, Record<string, Fact>>;
}

const maxLines = 40;
const tailBytes = 100_000;

/** Collects what a report of a fault says. Reads the end of the log; asks no service. */
export function faultReport({ version, status, dataFolder, more = {} }: ReportedProgram): FaultReport {
  const program = {
    version,
    protocol: protocolVersion,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    system: release(),
  };
  const service = status ? serviceFacts(status) : { running: status === null ? null : false };
  const facts = { Program: program, Service: service, ...more };
  return { facts, log: dataFolder === undefined ? undefined : endOfLog(join(dataFolder, 'log', 'daemon.log')) };
}

/** Returns the facts of a service that say nothing about its user. */
function serviceFacts(status: Status): Record<string, Fact> {
  const folders = status.roots.map(({ state, counts }) => `${state} (${sumOf(Object.values(counts))} artifacts)`);
  return {
    version: status.version,
    protocol: status.protocol,
    'up seconds': Math.round((Date.now() - status.startedAt) / 1000),
    'memory MB': Math.round(status.memoryBytes / 1e6),
    models: status.models,
    versions: status.versions,
    events: status.seq,
    'stored files': status.blobs.count,
    'watched folders': folders.length === 0 ? 'none' : folders.join(', '),
    'runs in progress': status.runs.length,
    idle: status.isIdle,
    'read-only': status.readOnly === null ? false : `yes ${faultText(status.readOnly)}`.trim(),
    warnings: status.warnings?.length ?? 0,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function endOfLog(path: string): NonNullable<FaultReport['log']> {
  // The key is forgotten with the report, so that nobody can find out a name by trying names.
  const key = randomBytes(16);
  const hidden = (model: string): string =>
    `model-${createHmac('sha256', key).update(model).digest('hex').slice(0, 8)}`;
  try {
    const { lines, leftOut } = faultLines(tailOf(path), hidden);
    return { lines: lines.slice(-maxLines), leftOut, problem: null };
  } catch (error) {
    const problem = systemCode(error) === 'ENOENT' ? 'There is no log.' : faultText(messageOf(error));
    return { lines: [], leftOut: 0, problem: problem || 'The log could not be read.' };
  }
}

/** Returns the last whole lines of a file. */
function tailOf(path: string): string {
  const { handle, stats } = openRegular(path);
  try {
    const size = Number(stats.size);
    const from = Math.max(0, size - tailBytes);
    const text = readAt(handle, from, size - from).toString('utf8');
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(handle);
  }
}

/** Formats a report as Markdown. */
export function faultReportText({ facts, log }: FaultReport): string {
  const parts = Object.entries(facts).map(([title, values]) =>
    [`### ${title}`, '', ...Object.entries(values).map(([name, value]) => `- ${name}: ${value ?? 'unknown'}`)].join(
      '\n',
    ),
  );
  return redacted([...parts, logText(log)].join('\n\n')) + '\n';
}

function logText(log: FaultReport['log']): string {
  const title = '### Log of the service\n\n';
  if (!log) return `${title}The service runs on another machine, and so its log is there.`;
  if (log.problem !== null) return `${title}${log.problem}`;
  const left = log.leftOut === 0 ? '' : `\n\n${log.leftOut} lines are left out because they may name files or people.`;
  return `${title}${log.lines.length === 0 ? 'No line can be quoted.' : `\`\`\`\n${log.lines.join('\n')}\n\`\`\``}${left}`;
}
