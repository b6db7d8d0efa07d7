import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Caller, Context } from '../../context.ts';
import type { ModelRow } from '../../db/models.ts';
import { trustedDigest } from '../../db/rules.ts';
import { evidenceOf, type VersionRow } from '../../db/versions.ts';
import { RegistryError, messageOf } from '../../errors.ts';
import { timeOf, type GateOf } from '../../formats/plinth-gates.ts';
import { materialise } from '../materialise.ts';
import { gatesFor, type Policy } from '../policy.ts';
import { addReport } from '../register.ts';
import { labelOf } from '../resolve.ts';
import { redacted } from '../../secrets/redact.ts';
import { failed, found, type Finding } from './gate.ts';
import { runCommand, type Ran } from './run-command.ts';

/** Under whom results are kept: no client can be called so. */
const caller: Caller = { actor: 'gate' };
const largestResult = 1024 * 1024;

/** What is kept of a command as evidence of a version. */
interface CommandRecord extends Ran {
  run: string;
  /** The file that it was asked to write, as text. */
  result: string | null;
}

function sourceOf(run: string): string {
  return `command ${createHash('sha256').update(run).digest('hex').slice(0, 12)}`;
}

/** Whether a person trusts what the file says at this moment. */
export function isTrusted(ctx: Context, { source }: Policy): boolean {
  return source !== null && trustedDigest(ctx.db, source.path) === source.digest;
}

/** What a command said of a version when it last ran; fails while nobody trusts the file that names it. */
export function commandFinding(ctx: Context, policy: Policy, version: VersionRow, run: string): Finding {
  const expected = 'exit 0';
  if (!isTrusted(ctx, policy))
    return failed(
      `${policy.source?.path} as it stands is not trusted, so nothing of it runs; read it, then: plinth trust`,
      expected,
    );
  const record = recordOf(ctx, version, run);
  if (!record)
    return failed(`not run for v${version.number}: plinth gate ${labelOf(ctx, version)} --run`, expected, 'not run');
  const last = record.output.trimEnd().split('\n').at(-1)?.trim().slice(0, 120) ?? '';
  const said = last === '' ? '' : `: ${last}`;
  const actual = record.exit === null ? 'no exit' : `exit ${record.exit}`;
  return found(
    record.problem === null && record.exit === 0,
    `${record.problem ?? 'it left with 0'}${said}`,
    expected,
    actual,
  );
}

function recordOf(ctx: Context, { model, number }: VersionRow, run: string): CommandRecord | undefined {
  const source = sourceOf(run);
  const kept = evidenceOf(ctx.db, model, number).findLast((one) => one.source === source && one.actor === caller.actor);
  if (!kept) return undefined;
  const record = JSON.parse(ctx.blobs.read(kept.digest).toString('utf8')) as CommandRecord;
  return record.run === run ? record : undefined;
}

/** Runs the commands of a pointer's gates whose results are missing, or all of them, where the file is trusted. */
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
    if (!again && recordOf(ctx, version, gate.run)) continue;
    const record = await runOne(ctx, version, gate, policy.source.path);
    const digest = ctx.blobs.put(Buffer.from(JSON.stringify(record)));
    await addReport(ctx, caller, model.name, String(version.number), { source: sourceOf(gate.run), digest });
  }
}

async function runOne(
  ctx: Context,
  version: VersionRow,
  gate: GateOf<'command'>,
  file: string,
): Promise<CommandRecord> {
  const { run, timeout, result } = gate;
  const folder = dirname(file);
  const began = Date.now();
  try {
    const path = await materialise(ctx, version);
    const env = { PLINTH_REFERENCE: labelOf(ctx, version), PLINTH_VERSION: String(version.number), PLINTH_PATH: path };
    const ran = await runCommand({ run, folder, withinMs: timeOf(timeout), env });
    if (result === undefined || ran.problem !== null) return { run, ...ran, result: null };
    const text = resultText(folder, result, began);
    return text.problem === null
      ? { run, ...ran, result: text.text }
      : { run, ...ran, problem: text.problem, result: null };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { run, exit: null, problem: `it was not started: ${error.message}`, output: '', result: null };
  }
}

/** What the command wrote, from below the file's folder and after it began. */
function resultText(folder: string, name: string, began: number): { text: string; problem: string | null } {
  const without = (why: string): { text: string; problem: string } => ({ text: '', problem: `${name} ${why}` });
  try {
    const path = realpathSync(join(folder, name));
    if (!path.startsWith(realpathSync(folder) + sep)) return without('does not lie below the folder of plinth.yaml');
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > largestResult) return without('is no file of at most 1 MiB');
    if (stats.mtimeMs < began - 2000) return without('was not written anew');
    return { text: redacted(readFileSync(path, 'utf8')), problem: null };
  } catch (error) {
    return without(`was not written (${messageOf(error)})`);
  }
}
