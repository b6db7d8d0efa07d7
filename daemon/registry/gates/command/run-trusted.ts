import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Caller, Context } from '../../../context.ts';
import type { ModelRow } from '../../../db/models.ts';
import { evidenceOf } from '../../../db/evidence.ts';
import type { VersionRow } from '../../../db/versions.ts';
import { RegistryError, systemCode } from '../../../errors.ts';
import { openLinked, readWhole, unreadableReason } from '../../../runtime/file-reader.ts';
import { timeOf, type GateOf } from '../../../policy/gate-schema.ts';
import { materialise } from '../../versions/materialize.ts';
import { calledFiles, type CalledFiles } from '../../../policy/called-files.ts';
import type { PolicyText } from '../../../policy/find.ts';
import { gatesFor, type Policy } from '../../../policy/policy.ts';
import { addReport } from '../../versions/register.ts';
import { labelOf } from '../../versions/resolve.ts';
import { redacted } from '../../../secrets/redact.ts';
import { untrustedNow, untrustedReason } from '../../../policy/trusted-files.ts';
import { failed, found, type Finding } from '../gate.ts';
import { runCommand, type Ran, type Running } from './run.ts';

/** Actor of stored results; no client can have this name. */
const caller: Caller = { actor: 'gate' };
const maxResultBytes = 1024 * 1024;

interface CommandRecord extends Ran {
  run: string;
  /** Text of the file that it was asked to write; null for none. */
  result: string | null;
  /** Files that it called, with digests: a result is invalid after they change. Absent if it called none. */
  files?: CalledFiles;
}

function sourceOf(run: string): string {
  return `command ${createHash('sha256').update(run).digest('hex').slice(0, 12)}`;
}

/** Returns true if a person trusts the policy file, and the files that it calls, in their present state. */
export function isTrusted(ctx: Context, { source }: Policy): boolean {
  return source !== null && untrustedReason(ctx, source) === null;
}

/** Returns the last result of a command for a version; a failed finding while nobody trusts its file. */
export function commandFinding(ctx: Context, policy: Policy, version: VersionRow, run: string): Finding {
  const expected = 'exit 0';
  const untrusted = policy.source && untrustedReason(ctx, policy.source);
  if (untrusted !== null) return failed(untrusted, expected);
  const record = recordOf(ctx, version, run, dirname(policy.source?.path ?? ''));
  if (!record)
    return failed(`not run for v${version.number}: plinth gate ${labelOf(ctx, version)} --run`, expected, 'not run');
  const last = record.output.trimEnd().split('\n').at(-1)?.trim().slice(0, 120) ?? '';
  const said = last === '' ? '' : `: ${last}`;
  const actual = record.exit === null ? 'no exit' : `exit ${record.exit}`;
  return found(
    record.problem === null && record.exit === 0,
    `${record.problem ?? 'it exited with 0'}${said}`,
    expected,
    actual,
  );
}

/** Returns the last run of a command in its present wording; undefined for none. */
function recordOf(ctx: Context, { model, number }: VersionRow, run: string, folder: string): CommandRecord | undefined {
  const source = sourceOf(run);
  const kept = evidenceOf(ctx.db, model, number).findLast((one) => one.source === source && one.actor === caller.actor);
  if (!kept) return undefined;
  const record = JSON.parse(ctx.blobs.read(kept.digest).toString('utf8')) as CommandRecord;
  const now = calledFiles(folder, [run], [], false);
  const isSame = Object.entries(record.files ?? {}).every(([name, digest]) => now[name] === digest);
  return isSame && record.run === run ? record : undefined;
}

/** Runs the commands of a pointer's gates that have no result, or all of them, if the file is trusted. */
export async function runCommands(
  ctx: Context,
  model: ModelRow,
  version: VersionRow,
  pointer: string,
  policy: Policy,
  again: boolean,
): Promise<void> {
  if (!isTrusted(ctx, policy) || policy.source === null) return;
  const gates = gatesFor(policy, pointer).filter((gate) => gate.gate === 'command');
  for (const gate of gates) {
    if (!again && recordOf(ctx, version, gate.run, dirname(policy.source.path))) continue;
    const record = await runOne(ctx, version, gate, policy.source);
    const digest = ctx.blobs.put(Buffer.from(JSON.stringify(record)));
    await addReport(ctx, caller, model.name, String(version.number), {
      source: sourceOf(gate.run),
      digest,
      origin: { rule: 'given', reason: 'a gate ran this command on the version' },
    });
  }
}

async function runOne(
  ctx: Context,
  version: VersionRow,
  gate: GateOf<'command'>,
  source: PolicyText,
): Promise<CommandRecord> {
  const { run, timeout, result } = gate;
  const folder = dirname(source.path);
  const began = Date.now();
  try {
    const path = await materialise(ctx, version);
    const env = { PLINTH_REFERENCE: labelOf(ctx, version), PLINTH_VERSION: String(version.number), PLINTH_PATH: path };
    const files = calledFiles(folder, [run], result === undefined ? [] : [result], true);
    const ran = await runTrusted(ctx, source, { run, folder, withinMs: timeOf(timeout), env });
    const record = { run, ...ran, ...(Object.keys(files).length > 0 ? { files } : {}) };
    if (result === undefined || ran.problem !== null) return { ...record, result: null };
    const text = resultText(folder, result, began);
    return text.problem === null
      ? { ...record, result: text.text }
      : { ...record, problem: text.problem, result: null };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { run, exit: null, problem: `it was not started: ${error.message}`, output: '', result: null };
  }
}

/** Runs a command if its file and the files that it calls are trusted at its start. The result counts only if they are unchanged at its end. */
export async function runTrusted(ctx: Context, source: PolicyText, running: Running): Promise<Ran> {
  const untrusted = untrustedNow(ctx, source);
  if (untrusted !== null) return { exit: null, problem: `it was not started: ${untrusted}`, output: '' };
  const ran = await runCommand(running);
  const changed = untrustedNow(ctx, source);
  return changed === null ? ran : { ...ran, exit: null, problem: `its result does not count: ${changed}` };
}

/** Reads the file that the command has written below the policy's folder since it started. */
function resultText(folder: string, name: string, began: number): { text: string; problem: string | null } {
  const without = (why: string): { text: string; problem: string } => ({ text: '', problem: `${name} ${why}` });
  try {
    const file = openLinked(join(folder, name), [folder]);
    const text = redacted(readWhole(file, maxResultBytes).toString('utf8'));
    return Number(file.stats.mtimeMs) < began - 2000 ? without('was not written anew') : { text, problem: null };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return without('was not written');
    if (code === 'OUTSIDE') return without('is not below the folder of plinth.yaml');
    if (code === 'NOT_REGULAR' || code === 'TOO_LARGE') return without('is not a file of at most 1 MiB');
    return without(`was not written: ${unreadableReason(error)}`);
  }
}
