import { dirname } from 'node:path';
import * as z from 'zod';
import type { Context } from '../../context.ts';
import { firstSource } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import { conflictsIn } from '../../policy/conflicts.ts';
import { editPolicyText } from '../../policy/draft.ts';
import { policyOf } from '../../policy/policy.ts';
import { distrust, trust, trustOf } from '../../policy/trust.ts';
import type { PointerRef } from '../../protocol/model.ts';
import type { GateHistory, GateReport, PolicyDraft } from '../../protocol/policy.ts';
import type { RequestOf } from '../../protocol/routes.ts';
import type { PolicyRoutes } from '../../protocol/routes/policies.ts';
import { approvalsFor, askApproval, giveApproval, waitingRequests } from '../../registry/approvals.ts';
import { bindPolicy } from '../../registry/bind-policy.ts';
import { gatedModels } from '../../registry/gates/gated-models.ts';
import { runCommands } from '../../registry/gates/command/run-trusted.ts';
import { failedGates, effectivePolicyOf, gateReportOf, gateReportsOf } from '../../registry/gates/report.ts';
import { checkMove } from '../../registry/pointers/promote.ts';
import { pointerText } from '../../shared/event-text.ts';
import { removeVersions, versionsToRemove } from '../../registry/retention.ts';
import { findModel, findVersion, requireUsable } from '../../registry/versions/resolve.ts';
import { pointerIn, touchesModel, touchesPointer } from '../pointer-request.ts';
import type { RouteRows } from '../route.ts';
import type { Service } from '../service.ts';
import { nothing, ofModel, ofPath, ofVersion, pointer, reason, text } from '../schema.ts';

/** Routes for gates and approvals. None of them changes a pointer. */
const gates = {
  'GET /models/:model/versions/:version/gates': {
    role: 'viewer',
    schema: ofVersion.extend(pointer),
    touches: 'nothing',
    handler: ({ ctx }, request) => reportGates(ctx, request.model, request.version, pointerIn(request)),
  },
  'POST /models/:model/versions/:version/gates': {
    role: 'contributor',
    schema: ofVersion.extend(pointer),
    touches: touchesPointer,
    handler: ({ ctx }, request) => reportGates(ctx, request.model, request.version, pointerIn(request), true),
  },
  'GET /models/:model/gates': {
    role: 'viewer',
    schema: ofModel.extend(pointer),
    touches: 'nothing',
    handler: ({ ctx }, request) => history(ctx, request.model, pointerIn(request)),
  },
  'GET /gates': {
    role: 'viewer',
    schema: z.strictObject({ model: text.optional() }),
    touches: 'nothing',
    handler: async ({ ctx }, { model }) => ({ models: await gatedModels(ctx, model) }),
  },
  'GET /models/:model/versions/:version/approvals': {
    role: 'viewer',
    schema: ofVersion,
    touches: 'nothing',
    handler: ({ ctx }, { model, version }) => ({ approvals: approvalsFor(ctx, model, version) }),
  },
  'GET /approvals': {
    role: 'viewer',
    schema: nothing,
    touches: 'nothing',
    handler: ({ ctx }) => ({ requests: waitingRequests(ctx) }),
  },
  'POST /models/:model/versions/:version/ask-approval': {
    role: 'contributor',
    schema: ofVersion.extend({ ...pointer, reason, days: z.number().int().min(1).max(365).optional() }),
    touches: touchesPointer,
    handler: ({ ctx }, { model, version, reason: why, days, ...named }, caller) =>
      askApproval(ctx, caller, model, version, { ...pointerIn(named), reason: why ?? '', days }),
  },
  'POST /models/:model/versions/:version/approve': {
    role: 'approver',
    schema: ofVersion.extend({ ...pointer, comment: text.optional() }),
    touches: touchesPointer,
    handler: ({ ctx }, { model, version, comment, ...named }, caller) => {
      const said = { ...pointerIn(named), decision: 'approved' as const, comment: comment ?? '' };
      return giveApproval(ctx, caller, model, version, said);
    },
  },
  'POST /models/:model/versions/:version/reject': {
    role: 'approver',
    schema: ofVersion.extend({ ...pointer, comment: text }),
    touches: touchesPointer,
    handler: ({ ctx }, { model, version, comment, ...named }, caller) => {
      const said = { ...pointerIn(named), decision: 'rejected' as const, comment };
      return giveApproval(ctx, caller, model, version, said);
    },
  },
} satisfies Partial<RouteRows<PolicyRoutes>>;

export const policies = {
  ...gates,
  'GET /policy': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ ctx, ingest }, { path }) => {
      const found = ingest.policy(path);
      return { ...found, conflicts: found.exists ? conflictsIn(ctx, found.path) : [] };
    },
  },
  'GET /models/:model/policy/draft': {
    role: 'admin',
    schema: ofModel.extend({
      metric: text,
      direction: z.enum(['higher', 'lower']).optional(),
      pointer: text.optional(),
    }),
    touches: 'nothing',
    handler: policyDraft,
  },
  'POST /models/:model/policy': {
    role: 'admin',
    schema: ofModel.extend({ path: text }),
    touches: touchesModel,
    handler: ({ ctx }, { model, path }, caller) => bindPolicy(ctx, caller, model, path),
  },
  'GET /trust': {
    role: 'admin',
    schema: ofPath,
    touches: 'nothing',
    handler: ({ ctx }, { path }) => trustOf(ctx, path),
  },
  'POST /trust': {
    role: 'admin',
    schema: ofPath.extend({ digest: text.optional() }),
    touches: 'everything',
    handler: ({ ctx }, { path, digest }, caller) => trust(ctx, caller, path, digest),
  },
  'POST /trust/remove': {
    role: 'admin',
    schema: ofPath,
    touches: 'everything',
    handler: ({ ctx }, { path }, caller) => distrust(ctx, caller, path),
  },
  'GET /retention': {
    role: 'viewer',
    schema: z.strictObject({ model: text.optional() }),
    touches: 'nothing',
    handler: ({ ctx }, { model }) => ({ versions: versionsToRemove(ctx, model) }),
  },
  'POST /retention': {
    role: 'admin',
    schema: z.strictObject({ versions: z.array(text).min(1).max(10_000), reason }),
    touches: ({ versions }) => ({ models: versions.map(modelIn), pointers: ['archived'] }),
    handler: ({ ctx }, { versions, reason: why }, caller) => removeVersions(ctx, caller, versions, why ?? ''),
  },
} satisfies RouteRows<PolicyRoutes>;

/** Returns the model of `churn@7`; empty, which no scope contains, without a version. */
function modelIn(reference: string): string {
  return reference.slice(0, Math.max(0, reference.lastIndexOf('@')));
}

async function reportGates(
  ctx: Context,
  name: string,
  version: string,
  at: PointerRef,
  run = false,
): Promise<GateReport> {
  const model = findModel(ctx, name);
  const row = findVersion(ctx, model, version);
  const effective = await effectivePolicyOf(ctx, model);
  const checked = checkMove(at, effective.policy);
  if (run) await runCommands(ctx, model, requireUsable(ctx, row), pointerText(checked), effective.policy, true);
  return gateReportOf(ctx, model, row, checked, effective);
}

async function history(ctx: Context, name: string, at: PointerRef): Promise<GateHistory> {
  const model = findModel(ctx, name);
  const effective = await effectivePolicyOf(ctx, model);
  const checked = checkMove(at, effective.policy);
  const reports = await gateReportsOf(ctx, model, checked, effective);
  const versions = reports.map((one) => ({ number: one.number, allowed: one.allowed, failed: failedGates(one) }));
  const holder = reports[0]?.holder ?? null;
  return { model: model.name, ...checked, holder, policy: effective.used, versions };
}

/** Returns the file that applies to a model, or a proposal for one, with a change of what it says about a metric. */
function policyDraft(
  { ctx, ingest }: Service,
  { model: name, metric, direction, pointer: changed }: RequestOf<'GET /models/:model/policy/draft'>,
): PolicyDraft {
  const model = findModel(ctx, name);
  const edit = direction ? { metric, direction } : changed === undefined ? undefined : { metric, pointer: changed };
  if (!edit) throw new RegistryError('invalid-request', 'Give a direction, or the stage or alias of a gate.');
  const { source, problem } = policyOf(ctx, model);
  if (source && problem !== null)
    throw new RegistryError('invalid-request', `${problem}. Correct the file before it is changed from here.`);
  const path = firstSource(ctx.db, model.id)?.path;
  if (!source && path === undefined)
    throw new RegistryError('not-found', `No plinth.yaml applies to ${name}. Create one with: plinth init`);
  const found = source ? { ...source, exists: true } : ingest.policy(dirname(path ?? ''));
  return { path: found.path, exists: found.exists, ...editPolicyText(found.text, name, edit) };
}
