import { keepAnswer } from '../../registry/idempotency.ts';
import { materialise } from '../../registry/versions/materialize.ts';
import { writeCard } from '../../registry/versions/card.ts';
import * as edit from '../../registry/versions/edit.ts';
import { choosePrimaryMetric } from '../../registry/versions/primary-metric.ts';
import { promote, removeAlias, rollback } from '../../registry/pointers/promote.ts';
import { findModel, findVersion, usable } from '../../registry/versions/resolve.ts';
import { archive, restore } from '../../registry/pointers/assert-not-held.ts';
import type { Move } from '../../registry/pointers/transition.ts';
import { undo } from '../../registry/pointers/undo.ts';
import { verifyRegistry } from '../../registry/verify/verify.ts';
import { importStore } from './import.ts';
import type { GateRoute } from './policies.ts';
import { placeOf } from '../place.ts';
import * as schema from '../schema.ts';
import type { TokenRoute } from './tokens.ts';
import type { Endpoints } from '../service.ts';

type ChangingRoute = Exclude<Extract<keyof Endpoints, `POST ${string}`>, GateRoute | TokenRoute>;

/** Routes that change the registry, or do long work for it. */
export const changing: Endpoints<ChangingRoute> = {
  'POST /models/:model/rename': {
    schema: schema.rename,
    run: ({ ctx }, { model, name }, caller) => edit.renameModel(ctx, caller, model, name),
  },
  'POST /models/:model/metric': {
    schema: schema.chooseMetric,
    run: ({ ctx }, { model, metric }, caller) => choosePrimaryMetric(ctx, caller, model, metric),
  },
  'POST /models/:model/describe': {
    schema: schema.describe,
    run: ({ ctx }, { model, description }, caller) => edit.describeModel(ctx, caller, model, description),
  },
  'POST /models/:model/card': {
    schema: schema.card,
    run: ({ ctx }, { model, text }, caller) => writeCard(ctx, caller, model, text),
  },
  'POST /models/:model/tag': {
    schema: schema.tag,
    run: ({ ctx }, { model, key, value }, caller) => edit.tagModel(ctx, caller, model, key, value),
  },
  'POST /models/:model/rollback': {
    schema: schema.rollback,
    run: ({ ctx }, request, caller) => rollback(ctx, caller, request.model, moveOf(request), request.to),
  },
  'POST /models/:model/unalias': {
    schema: schema.unalias,
    run: ({ ctx }, request, caller) => removeAlias(ctx, caller, request.model, moveOf(request)),
  },
  'POST /models/:model/versions/:version/promote': {
    schema: schema.promote,
    run: ({ ctx }, request, caller) => promote(ctx, caller, request.model, request.version, moveOf(request)),
  },
  'POST /models/:model/versions/:version/archive': {
    schema: schema.reasoned,
    run: ({ ctx }, { model, version, reason }, caller) => archive(ctx, caller, model, version, reason ?? ''),
  },
  'POST /models/:model/versions/:version/restore': {
    schema: schema.reasoned,
    run: ({ ctx }, { model, version, reason }, caller) => restore(ctx, caller, model, version, reason ?? ''),
  },
  'POST /models/:model/versions/:version/delete': {
    schema: schema.reasoned,
    run: ({ ctx }, { model, version, reason }, caller) => edit.deleteVersion(ctx, caller, model, version, reason ?? ''),
  },
  'POST /models/:model/versions/:version/describe': {
    schema: schema.describeVersion,
    run: ({ ctx }, { model, version, description }, caller) =>
      edit.describeVersion(ctx, caller, model, version, description),
  },
  'POST /models/:model/versions/:version/tag': {
    schema: schema.tagVersion,
    run: ({ ctx }, { model, version, ...tag }, caller) => edit.tagVersion(ctx, caller, model, version, tag),
  },
  'POST /models/:model/versions/:version/comment': {
    schema: schema.comment,
    run: ({ ctx }, { model, version, text }, caller) => edit.commentVersion(ctx, caller, model, version, text),
  },
  'POST /models/:model/versions/:version/move': {
    schema: schema.move,
    run: ({ ctx }, { model, version, to }, caller) => edit.moveVersion(ctx, caller, model, version, to),
  },
  'POST /models/:model/versions/:version/attach': {
    schema: schema.attach,
    run: ({ ingest }, { model, version, path }, caller) => ingest.attach(caller, model, version, path),
  },
  'POST /models/:model/versions/:version/materialise': {
    schema: schema.version,
    run: async ({ ctx }, { model, version }) => {
      const row = usable(ctx, findVersion(ctx, findModel(ctx, model), version));
      return { path: await materialise(ctx, row) };
    },
  },
  'POST /undo': { schema: schema.undo, run: ({ ctx }, { seq }, caller) => undo(ctx, caller, seq) },
  'POST /register': {
    schema: schema.register,
    run: ({ ingest }, { path, model, again }, caller) => ingest.register(caller, path, model, again),
  },
  'POST /import': {
    schema: schema.importing,
    run: (service, { path, anywhere }, caller) =>
      keepAnswer(service.ctx, caller, (inner) => importStore(service, inner, path, anywhere ?? false)),
  },
  'POST /found/register': {
    schema: schema.root,
    run: ({ ctx, ingest }, { root }, caller) => keepAnswer(ctx, caller, (inner) => ingest.registerFound(inner, root)),
  },
  'POST /roots': {
    schema: schema.path,
    run: ({ ctx, ingest }, { path }, caller) => keepAnswer(ctx, caller, (inner) => ingest.watch(inner, path)),
  },
  'POST /roots/remove': { schema: schema.path, run: ({ ingest }, { path }, caller) => ingest.unwatch(caller, path) },
  'POST /roots/pause': { schema: schema.path, run: ({ ingest }, { path }, caller) => ingest.pause(caller, path) },
  'POST /roots/resume': { schema: schema.path, run: ({ ingest }, { path }, caller) => ingest.resume(caller, path) },
  'POST /ignored': { schema: schema.pattern, run: ({ ingest }, { pattern }, caller) => ingest.ignore(caller, pattern) },
  'POST /ignored/remove': {
    schema: schema.pattern,
    run: ({ ingest }, { pattern }, caller) => ingest.unignore(caller, pattern),
  },
  'POST /scan': {
    schema: schema.optionalPath,
    run: async ({ ingest }, { path }) => ({ roots: await ingest.scan(path) }),
  },
  'POST /verify': {
    schema: schema.verify,
    run: ({ ctx }, { model, version, heads }, { gone }) =>
      verifyRegistry(ctx, model === undefined ? undefined : { model, version }, { heads, gone }),
  },
  'POST /tensors/compare': {
    schema: schema.tensors,
    run: ({ tensors }, request, { gone }) => tensors.compare(request, gone),
  },
  'POST /tensors/cancel': {
    schema: schema.job,
    run: ({ tensors }, { job }) => ({ cancelled: tensors.cancel(job) }),
  },
  'POST /mlflow/renew': { schema: schema.none, run: ({ mlflow }) => ({ token: mlflow.renew() }) },
  'POST /backup': { schema: schema.none, run: (service) => service.backup() },
  'POST /stop': {
    schema: schema.stop,
    run: (service, { unlessInUse }) => {
      const stopping = unlessInUse !== true || service.clients() === 0;
      if (stopping) service.stop();
      return { stopping };
    },
  },
};

interface Choice {
  stage?: string | undefined;
  alias?: string | undefined;
  reason?: string | undefined;
  expect?: number | null | undefined;
  bypass?: boolean | undefined;
}

function moveOf({ stage, alias, reason, expect, bypass }: Choice): Move {
  return { ...placeOf(stage, alias), reason: reason ?? '', expect, bypass };
}
