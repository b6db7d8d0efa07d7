import type { Context } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import type { PointerKind } from '../../protocol/model.ts';
import type { GateHistory, Verdict } from '../../protocol/rules.ts';
import { approvalsFor, askApproval, giveApproval, waitingRequests } from '../../registry/approvals.ts';
import { checkMove } from '../../registry/pointers/promote.ts';
import { runCommands } from '../../registry/gates/command/run-trusted.ts';
import { auditPage } from '../../registry/history.ts';
import { letGo, lettingGo } from '../../registry/retention.ts';
import { modelsToReview } from '../../registry/review.ts';
import { findModel, findVersion, usable } from '../../registry/versions/resolve.ts';
import { bindPolicy } from '../../registry/bind-policy.ts';
import { distrust, trust, trustOf } from '../../policy/trust.ts';
import { failedGates, rulingOf, verdictOn, verdictsOn } from '../../registry/gates/report.ts';
import { placeOf } from '../place.ts';
import * as schema from '../schema.ts';
import type { Endpoints } from '../service.ts';
import { pointerText } from '../../shared/event-text.ts';

export type GateRoute =
  | 'GET /audit'
  | 'GET /review'
  | 'GET /retention'
  | 'POST /retention'
  | 'POST /models/:model/versions/:version/gates'
  | 'GET /trust'
  | 'POST /trust'
  | 'POST /trust/remove'
  | 'POST /models/:model/policy'
  | 'GET /models/:model/versions/:version/gates'
  | 'GET /models/:model/gates'
  | 'GET /models/:model/versions/:version/approvals'
  | 'GET /approvals'
  | 'POST /models/:model/versions/:version/ask-approval'
  | 'POST /models/:model/versions/:version/approve'
  | 'POST /models/:model/versions/:version/reject';

/** Routes that tell whether a pointer may move, and what people say of it. None of them moves anything. */
export const gating: Endpoints<GateRoute> = {
  'GET /models/:model/versions/:version/gates': {
    schema: schema.gates,
    run: ({ ctx }, { model, version, stage, alias }) => verdict(ctx, model, version, placeOf(stage, alias)),
  },
  'POST /models/:model/versions/:version/gates': {
    schema: schema.gates,
    run: ({ ctx }, { model, version, stage, alias }) => verdict(ctx, model, version, placeOf(stage, alias), true),
  },
  'GET /trust': { schema: schema.path, run: ({ ctx }, { path }) => trustOf(ctx, path) },
  'POST /trust': { schema: schema.trust, run: ({ ctx }, { path, digest }, caller) => trust(ctx, caller, path, digest) },
  'POST /trust/remove': { schema: schema.path, run: ({ ctx }, { path }, caller) => distrust(ctx, caller, path) },
  'POST /models/:model/policy': {
    schema: schema.policy,
    run: ({ ctx }, { model, path }, caller) => bindPolicy(ctx, caller, model, path),
  },
  'GET /models/:model/gates': {
    schema: schema.gateHistory,
    run: ({ ctx }, { model, stage, alias }) => history(ctx, model, placeOf(stage, alias)),
  },
  'GET /models/:model/versions/:version/approvals': {
    schema: schema.version,
    run: ({ ctx }, { model, version }) => ({ approvals: approvalsFor(ctx, model, version) }),
  },
  'GET /audit': {
    schema: schema.audit,
    run: ({ ctx }, { cursor, limit, ...filter }) => auditPage(ctx, filter, { cursor: checkCursor(cursor), limit }),
  },
  'GET /review': {
    schema: schema.review,
    run: async ({ ctx }, { model }) => ({ models: await modelsToReview(ctx, model) }),
  },
  'GET /retention': { schema: schema.review, run: ({ ctx }, { model }) => ({ versions: lettingGo(ctx, model) }) },
  'POST /retention': {
    schema: schema.letGo,
    run: ({ ctx }, { versions, reason }, caller) => letGo(ctx, caller, versions, reason ?? ''),
  },
  'GET /approvals': { schema: schema.none, run: ({ ctx }) => ({ requests: waitingRequests(ctx) }) },
  'POST /models/:model/versions/:version/ask-approval': {
    schema: schema.askApproval,
    run: ({ ctx }, { model, version, stage, alias, reason, days }, caller) =>
      askApproval(ctx, caller, model, version, { ...placeOf(stage, alias), reason: reason ?? '', days }),
  },
  'POST /models/:model/versions/:version/approve': {
    schema: schema.approve,
    run: ({ ctx }, { model, version, stage, alias, comment }, caller) => {
      const said = { ...placeOf(stage, alias), decision: 'approved' as const, comment: comment ?? '' };
      return giveApproval(ctx, caller, model, version, said);
    },
  },
  'POST /models/:model/versions/:version/reject': {
    schema: schema.reject,
    run: ({ ctx }, { model, version, stage, alias, comment }, caller) => {
      const said = { ...placeOf(stage, alias), decision: 'rejected' as const, comment };
      return giveApproval(ctx, caller, model, version, said);
    },
  },
};

type Place = { kind: PointerKind; name: string };

async function verdict(ctx: Context, name: string, version: string, place: Place, run = false): Promise<Verdict> {
  const model = findModel(ctx, name);
  const row = findVersion(ctx, model, version);
  const ruling = await rulingOf(ctx, model);
  const checked = checkMove(place, ruling.policy);
  if (run) await runCommands(ctx, model, usable(ctx, row), pointerText(checked), ruling.policy, true);
  return verdictOn(ctx, model, row, checked, ruling);
}

async function history(ctx: Context, name: string, place: Place): Promise<GateHistory> {
  const model = findModel(ctx, name);
  const ruling = await rulingOf(ctx, model);
  const checked = checkMove(place, ruling.policy);
  const verdicts = await verdictsOn(ctx, model, checked, ruling);
  const versions = verdicts.map((one) => ({ number: one.number, allowed: one.allowed, failed: failedGates(one) }));
  const holder = verdicts[0]?.holder ?? null;
  return { model: model.name, ...checked, holder, policy: ruling.used, versions };
}

/** A cursor is the number of the last event of the page before. */
function checkCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || /^\d{1,16}$/.test(cursor)) return cursor;
  throw new RegistryError('invalid-request', 'the cursor is not one that an earlier page gave');
}
