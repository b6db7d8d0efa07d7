import type { PointerRef } from '../protocol/model.ts';
import type { Caller, Context } from '../context.ts';
import { approvalsOf, openRequests } from '../db/policy/approvals.ts';
import { sawTime } from '../db/log.ts';
import { versionOf } from '../db/versions.ts';
import { modelById } from '../db/models.ts';
import { RegistryError } from '../errors.ts';
import type { EventBodies } from '../protocol/events.ts';
import type { Approval, ApprovalRequest } from '../protocol/approval.ts';
import type { Role } from '../protocol/token.ts';
import type { Changed } from '../protocol/shapes.ts';
import { personOf } from './gates/facts.ts';
import { policyOf } from '../policy/policy.ts';
import { checkMove } from './pointers/promote.ts';
import { findModel, findVersion, labelOf, requireUsable } from './versions/resolve.ts';
import { pointerText } from '../shared/event-text.ts';

const dayMs = 86_400_000;
/** Default lifetimes, in days, of a request and of an approval. */
export const requestDays = 7;
export const approvalDays = 30;

const longest = 2000;

/** Requests an approval of a version for a pointer. */
export async function askApproval(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  asked: PointerRef & { reason: string; days?: number | undefined },
): Promise<Changed> {
  const reason = checkText(asked.reason);
  const until = ctx.now() + (asked.days ?? requestDays) * dayMs;
  return ctx.commit(caller, () => {
    const subject = subjectOf(ctx, modelName, version, asked);
    const body = { ...subject, person: personIn(caller), until, reason };
    return { events: [{ type: 'approval.asked/1', body }], result: ([made]) => ({ seq: made!.seq, hash: made!.hash }) };
  });
}

/** Approves or rejects a version for a pointer. A person's last decision counts. A rejection requires a comment. */
export async function giveApproval(
  ctx: Context,
  caller: Caller,
  modelName: string,
  version: string,
  said: PointerRef & { decision: 'approved' | 'rejected'; comment: string },
): Promise<Changed & { note?: string }> {
  const comment = checkText(said.comment.trim());
  if (said.decision === 'rejected' && comment === '')
    throw new RegistryError('invalid-request', 'A rejection needs a comment that says what has to change.');
  const until = ctx.now() + approvalDays * dayMs;
  const role: Role = caller.rights?.role ?? 'admin';
  return ctx.commit(caller, () => {
    const subject = subjectOf(ctx, modelName, version, said);
    const person = personIn(caller);
    const body = { ...subject, person, until, decision: said.decision, role, comment };
    const note = said.decision === 'approved' ? noteFor(ctx, subject, person) : {};
    return {
      events: [{ type: 'approval.given/1', body }],
      result: ([made]) => ({ seq: made!.seq, hash: made!.hash, ...note }),
    };
  });
}

/** Returns every request and decision about a version, oldest first. */
export function approvalsFor(ctx: Context, modelName: string, version: string): Approval[] {
  const row = findVersion(ctx, findModel(ctx, modelName), version);
  return approvalsOf(ctx.db, row.model, row.number);
}

/** Returns the requests that are still open: not expired, and the version is not on the pointer yet. */
export function waitingRequests(ctx: Context): ApprovalRequest[] {
  return openRequests(ctx.db, ctx.now()).flatMap(({ model: id, number, request }) => {
    const model = modelById(ctx.db, id)?.name;
    if (model === undefined || sawTime(ctx.db, request.seq, request.until)) return [];
    const said = approvalsOf(ctx.db, id, number).filter(
      (one) =>
        one.seq > request.seq && one.decision !== 'requested' && one.kind === request.kind && one.name === request.name,
    );
    return [{ model, number, ...request, said }];
  });
}

/** Returns why an approval does not count, such as one of a version by its own author. It is recorded all the same. */
function noteFor(
  ctx: Context,
  { model, number }: { model: string; number: number },
  person: string,
): { note?: string } {
  const row = versionOf(ctx.db, model, number);
  if (!row || personOf(row.actor) !== person) return {};
  return { note: `${person} registered ${labelOf(ctx, row)}: where gates ask for approvals, this one does not count` };
}

function subjectOf(
  ctx: Context,
  modelName: string,
  version: string,
  pointerRef: PointerRef,
): Pick<EventBodies['approval.given/1'], 'model' | 'number' | 'kind' | 'name'> {
  const model = findModel(ctx, modelName);
  const row = requireUsable(ctx, findVersion(ctx, model, version));
  const { kind, name } = checkMove({ kind: pointerRef.kind, name: pointerRef.name }, policyOf(ctx, model));
  if (kind === 'stage' && row.stage === name)
    throw new RegistryError('conflict', `${labelOf(ctx, row)} is already in ${pointerText({ kind, name })}.`);
  return { model: model.id, number: row.number, kind, name };
}

/** Returns the owner of the caller's token, never a name that a client gives itself. */
function personIn(caller: Caller): string {
  return caller.rights?.owner ?? personOf(caller.actor);
}

function checkText(text: string): string {
  if (text.length <= longest) return text;
  throw new RegistryError(
    'too-large',
    `A reason or comment has at most ${longest} characters; this one has ${text.length}.`,
  );
}
