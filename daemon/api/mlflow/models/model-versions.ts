import * as z from 'zod';
import type { Caller, Context } from '../../../context.ts';
import { pointersOf } from '../../../db/models.ts';
import { searchVersions } from '../../../db/searchable.ts';
import { numbersInStage, tagsOfVersion } from '../../../db/versions.ts';
import type { Json } from '../../../protocol/json.ts';
import * as edit from '../../../registry/versions/edit.ts';
import { promote } from '../../../registry/pointers/promote.ts';
import { stageFreely, vacate } from '../../../registry/pointers/version-stage.ts';
import { assertGates } from '../../../registry/gates/report.ts';
import type { Service } from '../../service.ts';
import { createVersion, downloadUri } from './create-version.ts';
import { invalid } from '../error-handler.ts';
import {
  change,
  read,
  flag,
  list,
  maybe,
  maybeInt,
  pageSize,
  pair,
  pairs,
  required,
  text,
  touchesName,
  type Routes,
} from '../request-fields.ts';
import { conditionsOf, namedOrdersOf, versionGrammar } from '../search/fields.ts';
import { versionNamed, versionToRead } from '../lookup.ts';
import { offsetOf, pageOf } from '../page.ts';
import { assertTextStays, promptsIn } from './prompts.ts';
import { mlflowStage, stageOf, versionView, versionViews } from './registry-view.ts';
import { removeHolds } from '../strict-mode.ts';
import { checkTag } from '../tags.ts';

const ofVersion = z.object({ name: required, version: required });

function answered(ctx: Context, name: string, version: string): Json {
  const { model, row } = versionToRead(ctx, name, version);
  return { model_version: versionView(ctx, row, model.name) };
}

interface Transition {
  name: string;
  version: string;
  stage: string;
  archive_existing_versions: boolean;
}

/** Moves a version to a stage. The previous version of an exclusive stage is archived, whether the client asked for it or not. */
async function transition(service: Service, asked: Transition, caller: Caller): Promise<Json> {
  const { ctx } = service;
  const stage = stageOf(asked.stage);
  const isOpen = stage === 'development' || stage === 'archived';
  if (isOpen && asked.archive_existing_versions) {
    throw invalid(
      `Model version transition cannot archive existing model versions because '${mlflowStage(stage)}' is not an Active stage. Valid stages are Staging, Production`,
    );
  }
  const { model, row } = versionNamed(ctx, asked.name, asked.version);
  const holds = pointersOf(ctx.db, model.id).some(({ kind, holder }) => kind === 'stage' && holder === row.number);
  if (service.mlflow.strict) {
    if (!isOpen) await assertGates(ctx, model, row, { kind: 'stage', name: stage });
    const others = asked.archive_existing_versions ? numbersInStage(ctx.db, model.id, stage) : [];
    const archived = others.filter((number) => number !== row.number).map((number) => ({ number, stage: 'archived' }));
    await stageFreely(ctx, caller, model, [{ number: row.number, stage }, ...archived]);
  } else if (isOpen && holds) await vacate(ctx, caller, model.name, asked.version, { stage, reason: '' });
  else await promote(ctx, caller, model.name, asked.version, { kind: 'stage', name: stage, reason: '' });
  return answered(ctx, asked.name, asked.version);
}

const changing: Routes = {
  'POST model-versions/create': change({
    role: 'contributor',
    schema: z.object({
      name: required,
      source: required,
      run_id: text,
      run_link: text,
      description: text,
      model_id: text,
      tags: pairs,
    }),
    touches: touchesName,
    handler: async (service, asked, caller) => {
      const { model, number } = await createVersion(service, caller, {
        name: asked.name,
        source: asked.source,
        runId: asked.run_id,
        runLink: asked.run_link,
        modelId: asked.model_id,
        description: asked.description,
        tags: asked.tags,
      });
      return answered(service.ctx, model, String(number));
    },
  }),
  'PATCH model-versions/update': change({
    role: 'contributor',
    schema: ofVersion.extend({ description: text }),
    touches: touchesName,
    handler: async ({ ctx }, asked, caller) => {
      versionNamed(ctx, asked.name, asked.version);
      await edit.describeVersion(ctx, caller, asked.name, asked.version, asked.description);
      return answered(ctx, asked.name, asked.version);
    },
  }),
  'DELETE model-versions/delete': change({
    role: 'contributor',
    schema: ofVersion,
    touches: touchesName,
    handler: async (service, { name, version }, caller) => {
      const { model, row } = versionNamed(service.ctx, name, version);
      await removeHolds(service, caller, model, row.number);
      await edit.deleteVersion(service.ctx, caller, name, version, 'deleted by an MLflow client');
      return {};
    },
  }),
  'POST model-versions/transition-stage': change({
    role: 'contributor',
    schema: ofVersion.extend({ stage: required, archive_existing_versions: flag }),
    touches: ({ name, stage }) => ({ models: [name], pointers: [stageOf(stage)] }),
    handler: transition,
  }),
  'POST model-versions/set-tag': change({
    role: 'contributor',
    schema: ofVersion.extend(pair.shape),
    touches: touchesName,
    handler: async ({ ctx }, { name, version, ...tag }, caller) => {
      const { row } = versionNamed(ctx, name, version);
      assertTextStays(row, tag.key);
      await edit.tagVersion(ctx, caller, name, version, checkTag(tag));
      return {};
    },
  }),
  'DELETE model-versions/delete-tag': change({
    role: 'contributor',
    schema: ofVersion.extend({ key: required }),
    touches: touchesName,
    handler: async ({ ctx }, { name, version, key }, caller) => {
      const { row } = versionNamed(ctx, name, version);
      assertTextStays(row, key);
      if (Object.hasOwn(tagsOfVersion(ctx.db, row.model, row.number), key))
        await edit.tagVersion(ctx, caller, name, version, { key, value: null });
      return {};
    },
  }),
};

const orderKeys = {
  name: 'name',
  version_number: 'version_number',
  creation_timestamp: 'creation_timestamp',
  last_updated_timestamp: 'last_updated_timestamp',
};

const reading: Routes = {
  'GET model-versions/get': read(ofVersion, ({ ctx }, { name, version }) => answered(ctx, name, version)),
  'GET model-versions/get-download-uri': read(ofVersion, ({ ctx }, { name, version }) => ({
    artifact_uri: downloadUri(versionToRead(ctx, name, version).row),
  })),
  'GET model-versions/search': read(
    z.object({ filter: text, max_results: maybeInt, order_by: list(z.string()), page_token: maybe }),
    ({ ctx }, asked) => {
      const limit = pageSize(asked.max_results, 10_000, 200_000);
      const offset = offsetOf(asked.page_token);
      const { conditions, prompts } = promptsIn(conditionsOf(asked.filter, versionGrammar));
      const order = namedOrdersOf(
        asked.order_by,
        orderKeys,
        (key) => `Invalid attribute key '${key}' specified. Valid keys are: ${Object.keys(orderKeys).join(', ')}`,
      );
      const rows = searchVersions(ctx.db, prompts, { conditions, order, limit: limit + 1, offset });
      const { items, ...rest } = pageOf(rows, { offset, limit });
      return { ...(items.length > 0 && { model_versions: versionViews(ctx, items) }), ...rest };
    },
  ),
};

export const modelVersions: Routes = { ...changing, ...reading };
