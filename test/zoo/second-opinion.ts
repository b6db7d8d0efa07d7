import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Wrong } from './judge.ts';
import type { Registered, RegisteredVersion } from './registered.ts';

/** Folder whose `sitecustomize.py` has MLflow's autolog watch each Python process from inside. */
export const autologFolder = join(import.meta.dirname, 'autolog');

/** A run as MLflow's autolog saw it: params as text, metrics as `[step, value]` in the order of their logging. */
export interface LoggedRun {
  params: Record<string, string>;
  metrics: Record<string, [step: number, value: number][]>;
}

export interface SecondOpinion {
  /** How many of the registry's values have a counterpart in what was logged. */
  compared: number;
  wrong: Wrong[];
}

export async function readLoggedRuns(env: NodeJS.ProcessEnv): Promise<LoggedRun[]> {
  const script = join(autologFolder, 'read_runs.py');
  const { stdout } = await promisify(execFile)('python', [script], { env, maxBuffer: 64 << 20 });
  return JSON.parse(stdout.slice(stdout.indexOf('['))) as LoggedRun[];
}

/**
 * Compares what the registry says of the versions with what a logger inside the training's process noted. A metric must have one of the
 * values that were logged under its name, a param the logged value. What only one of the two knows is not compared.
 */
export function compareWithLogged(registered: Registered, runs: readonly LoggedRun[]): SecondOpinion {
  const opinion: SecondOpinion = { compared: 0, wrong: [] };
  for (const [model, versions] of Object.entries(registered.models))
    for (const version of versions) {
      compareMetrics(`${model}@${version.number}`, version, runs, opinion);
      compareParams(`${model}@${version.number}`, version, runs, opinion);
    }
  return opinion;
}

function compareMetrics(
  label: string,
  { metrics }: RegisteredVersion,
  runs: readonly LoggedRun[],
  into: SecondOpinion,
): void {
  for (const [name, value] of Object.entries(metrics)) {
    const values = runs.flatMap((run) => valuesOf(run, name));
    if (values.length === 0) continue;
    into.compared += 1;
    if (values.some((logged) => isSame(logged, Number(value)))) continue;
    const some = values.slice(-3).join(', ');
    into.wrong.push({
      rule: 'R3',
      reason: `${label} has ${name} ${value}, which was never logged; the last were ${some}`,
    });
  }
}

function compareParams(
  label: string,
  { params }: RegisteredVersion,
  runs: readonly LoggedRun[],
  into: SecondOpinion,
): void {
  for (const [name, param] of Object.entries(params)) {
    const value = typeof param === 'string' ? param : JSON.stringify(param);
    const logged = runs.flatMap((run) => (name in run.params ? [run.params[name]!] : []));
    const values = logged.filter((one) => one !== 'None');
    const isConfirmed = logged.some((one) => isSameParam(one, value));
    if (values.length === 0 && !isConfirmed) continue;
    into.compared += 1;
    if (isConfirmed) continue;
    into.wrong.push({
      rule: 'R3',
      reason: `${label} has ${name} ${value}, but ${[...new Set(values)].join(', ')} was logged`,
    });
  }
}

/** Every value that was logged under a name. Libraries and their files punctuate differently: `valid-logloss` is `valid_logloss`. */
function valuesOf({ metrics }: LoggedRun, name: string): number[] {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return Object.entries(metrics)
    .filter(([logged]) => plain(logged) === plain(name))
    .flatMap(([, points]) => points.map(([, value]) => value));
}

/** Other names of a value that a library writes into its file under its own. Source: the parameters of LightGBM, `metric`. */
const aliases = new Map([['regression', 'l2']]);

/** Compares Python's text for a value with that of JSON: `True` is `true`, `None` is `null`, and `['l2']` is `l2`. */
function isSameParam(logged: string, registered: string): boolean {
  const bare = logged.replace(/^\['(.*)'\]$/, '$1').replace(/^(True|False)$/, (word) => word.toLowerCase());
  if (aliases.get(bare) === registered) return true;
  if (bare === 'None') return registered === 'null';
  return bare === registered || Number(bare) === Number(registered);
}

/** Files may hold fewer digits than a process. */
function isSame(logged: number, registered: number): boolean {
  return Math.abs(logged - registered) <= 1e-4 * Math.max(1e-4, Math.abs(logged));
}
