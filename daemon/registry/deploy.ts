import { dirname } from 'node:path';
import type { Caller, Context } from '../context.ts';
import type { LoggedEvent } from '../db/log.ts';
import { modelById, pointerOf, type ModelRow } from '../db/models.ts';
import { openDeployments } from '../db/policy/deployments.ts';
import { versionOf, type VersionRow } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import { timeOf } from '../policy/gate-schema.ts';
import type { Deployment } from '../policy/model-schema.ts';
import type { DeploymentBody, DeploymentResult } from '../protocol/events.ts';
import type { Receipt } from '../protocol/routes/pointers.ts';
import { isTrusted, runTrusted } from './gates/command/run-trusted.ts';
import type { Ran } from './gates/command/run.ts';
import { assertedIn } from './history.ts';
import { materialise } from './versions/materialize.ts';
import { policyOf, type Policy } from '../policy/policy.ts';
import type { PolicyText } from '../policy/find.ts';
import { untrustedReason } from '../policy/trusted-files.ts';
import { pointerText } from '../shared/event-text.ts';

/** Actor of deployment events; no client can have this name. */
const caller: Caller = { actor: 'deployment' };

/**
 * Runs the deployment command of a plinth.yaml after a pointer moved: one at a time for each pointer, the newest version last.
 * Never moves a pointer.
 */
export interface Deployer {
  heard(events: readonly LoggedEvent[]): void;
  isRunning(): boolean;
  /** Stops running commands and records that. */
  close(): Promise<void>;
}

export function deployer(ctx: Context): Deployer {
  const busy = new Map<string, { next: DeploymentBody | undefined; done: Promise<void> }>();
  const ending = new AbortController();
  const work = async (key: string, first: DeploymentBody): Promise<void> => {
    for (let move: DeploymentBody | undefined = first; move && !ending.signal.aborted;) {
      await deploy(ctx, move, ending.signal).catch((error: unknown) => {
        ctx.log.error('a deployment failed', { error: String(error) });
      });
      const kept = busy.get(key);
      move = kept?.next;
      if (kept) kept.next = undefined;
    }
    busy.delete(key);
  };
  const reported = reportUnfinished(ctx).catch((error: unknown) => {
    ctx.log.error('unfinished deployments could not be recorded', { error: String(error) });
  });
  return {
    heard: (events) => {
      for (const move of events.flatMap(movedTo)) {
        const key = `${move.model} ${move.kind} ${move.name}`;
        const running = busy.get(key);
        if (running) running.next = move;
        else {
          const entry = { next: undefined, done: Promise.resolve() };
          busy.set(key, entry);
          entry.done = reported.then(() => work(key, move));
        }
      }
    },
    isRunning: () => busy.size > 0,
    close: async () => {
      ending.abort();
      await Promise.all([reported, ...[...busy.values()].map(({ done }) => done)]);
    },
  };
}

/** Returns the deployment for a pointer that moved to another version; empty for a cleared pointer and for other events. */
function movedTo(event: LoggedEvent): DeploymentBody[] {
  if (event.type !== 'pointer.moved/1') return [];
  const { model, kind, name, before, after } = event.body;
  if (after.holder === null || after.holder === before.holder) return [];
  return [{ model, number: after.holder, kind, name, moved: event.seq }];
}

async function deploy(ctx: Context, move: DeploymentBody, signal: AbortSignal): Promise<void> {
  const model = modelById(ctx.db, move.model);
  const version = versionOf(ctx.db, move.model, move.number);
  const holder = pointerOf(ctx.db, move.model, move.kind, move.name)?.holder;
  if (!model || !version || holder !== move.number) return;
  const policy = policyOf(ctx, model);
  const wanted = deploymentIn(policy, pointerText(move));
  if (!wanted || !policy.source || !isTrusted(ctx, policy)) return;
  const { digest } = policy.source;
  const started = { ...move, run: wanted.run, policy: digest };
  await ctx.commit(caller, () => ({
    events: [{ type: 'deployment.started/1', body: started }],
    result: () => null,
  }));
  const ran = await runFor(ctx, { model, version, move, wanted, source: policy.source, signal });
  const said = ran.output.trimEnd().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
  const output = ran.output === '' ? null : ctx.blobs.put(Buffer.from(ran.output));
  await finished(ctx, move, { exit: ran.exit, problem: ran.problem, said, output });
}

async function finished(ctx: Context, move: DeploymentBody, result: DeploymentResult): Promise<void> {
  await ctx.commit(caller, () => ({
    events: [{ type: 'deployment.finished/1', body: { ...move, ...result } }],
    result: () => null,
  }));
}

interface Run {
  model: ModelRow;
  version: VersionRow;
  move: DeploymentBody;
  wanted: Deployment;
  source: PolicyText;
  signal: AbortSignal;
}

async function runFor(ctx: Context, { model, version, move, wanted, source, signal }: Run): Promise<Ran> {
  try {
    const path = await materialise(ctx, version);
    const { wholeFolder, primary } = version.body;
    const env = {
      PLINTH_MODEL: model.name,
      PLINTH_VERSION: String(version.number),
      PLINTH_POINTER: pointerText(move),
      PLINTH_FOLDER: wholeFolder ? path : path.slice(0, -primary.length - 1),
      PLINTH_PATH: path,
    };
    const folder = dirname(source.path);
    return await runTrusted(ctx, source, { run: wanted.run, folder, withinMs: timeOf(wanted.timeout), env, signal });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { exit: null, problem: `it was not started: ${error.message}`, output: '' };
  }
}

function deploymentIn({ rule }: Policy, pointer: string): Deployment | undefined {
  return rule && Object.hasOwn(rule.deployment, pointer) ? rule.deployment[pointer] : undefined;
}

/** Records as unfinished the deployments that were running when the service died. */
async function reportUnfinished(ctx: Context): Promise<void> {
  const problem = 'unfinished: the registry service ended while it ran';
  for (const move of openDeployments(ctx.db))
    await finished(ctx, move, { exit: null, problem, said: '', output: null });
}

/** Adds the asserted name of its actor to a receipt, and a sentence about the deployment if the policy has one for this pointer. */
export function withDeployment(ctx: Context, policy: Policy, made: Receipt): Receipt {
  const receipt = { ...made, ...assertedIn(ctx, made.actor, made.seq) };
  const { changed, from, to } = receipt;
  if (!changed || to === null || to === from || !deploymentIn(policy, pointerText(receipt))) return receipt;
  const untrusted = policy.source && untrustedReason(ctx, policy.source);
  return { ...receipt, deployment: untrusted === null ? 'deployment begun' : `not deployed: ${untrusted}` };
}
