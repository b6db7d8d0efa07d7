import * as z from 'zod';
import type { Touches } from '../../../access/rights.ts';
import type { Caller, Context } from '../../../context.ts';
import { modelByName, pointerOf, tagsOfModel } from '../../../db/models.ts';
import { searchModels } from '../../../db/searchable.ts';
import { newestInStages, versionOf, versionsBefore } from '../../../db/versions.ts';
import type { Json } from '../../../protocol/json.ts';
import * as edit from '../../../registry/versions/edit.ts';
import { checkForeignModelName } from '../../../registry/versions/names.ts';
import { promote, removeAlias } from '../../../registry/pointers/promote.ts';
import { isPrompt } from '../../../protocol/prompt.ts';
import type { Service } from '../../service.ts';
import { MlflowError, invalid } from '../error-handler.ts';
import {
  change,
  read,
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
import { conditionsOf, modelGrammar, namedOrdersOf } from '../search/fields.ts';
import { modelNamed, versionNamed } from '../lookup.ts';
import { offsetOf, pageOf } from '../page.ts';
import { promptsIn } from './prompts.ts';
import { everyStage, modelViews, stageOf, versionView, versionViews } from './registry-view.ts';
import { removeHolds } from '../strict-mode.ts';
import { checkTag, tagged } from '../tags.ts';

const ofModel = z.object({ name: required });

function answered(ctx: Context, name: string): Json {
  return { registered_model: modelViews(ctx, [modelNamed(ctx, name)])[0] ?? {} };
}

async function create(
  { ctx }: Service,
  { name, description, tags }: { name: string; description: string; tags: { key: string; value: string }[] },
  caller: Caller,
): Promise<Json> {
  const given = tagged(tags.map(checkTag));
  const known = modelByName(ctx.db, name.normalize('NFC'));
  if (known) throw nameTakenError(name, isPrompt({ tags: tagsOfModel(ctx.db, known.id) }), isPrompt({ tags: given }));
  return answered(ctx, await edit.createModel(ctx, caller, { name, description, tags: given }));
}

function nameTakenError(name: string, isPrompt: boolean, wantsPrompt: boolean): MlflowError {
  const code = 'RESOURCE_ALREADY_EXISTS';
  if (isPrompt === wantsPrompt)
    return new MlflowError(code, `${isPrompt ? 'Prompt' : 'Registered Model'} (name=${name}) already exists.`);
  const [wanted, found] = isPrompt ? ['registered model', 'prompt'] : ['prompt', 'registered model'];
  const text = `Tried to create a ${wanted} with name '${name}', but the name is already taken by a ${found}.`;
  return new MlflowError(code, `${text} MLflow does not allow creating a model and a prompt with the same name.`);
}

async function rename(
  { ctx }: Service,
  { name, new_name: to }: { name: string; new_name: string },
  caller: Caller,
): Promise<Json> {
  modelNamed(ctx, name);
  if (modelByName(ctx.db, to.normalize('NFC')))
    throw new MlflowError('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${to}) already exists.`);
  await edit.renameModel(ctx, caller, name, to, checkForeignModelName);
  return answered(ctx, to);
}

const orderKeys = {
  name: 'name',
  timestamp: 'timestamp',
  last_updated_timestamp: 'timestamp',
};

const models: Routes = {
  'POST registered-models/create': change({
    role: 'contributor',
    schema: z.object({ name: required, description: text, tags: pairs }),
    touches: touchesName,
    handler: create,
  }),
  'GET registered-models/get': read(ofModel, ({ ctx }, { name }) => answered(ctx, name)),
  'PATCH registered-models/update': change({
    role: 'contributor',
    schema: ofModel.extend({ description: text }),
    touches: touchesName,
    handler: async ({ ctx }, asked, caller) => {
      modelNamed(ctx, asked.name);
      await edit.describeModel(ctx, caller, asked.name, asked.description);
      return answered(ctx, asked.name);
    },
  }),
  'POST registered-models/rename': change({
    role: 'contributor',
    schema: ofModel.extend({ new_name: required }),
    touches: ({ name, new_name: renamed }) => ({ models: [name, renamed] }),
    handler: rename,
  }),
  'DELETE registered-models/delete': change({
    role: 'contributor',
    schema: ofModel,
    touches: touchesName,
    handler: async (service, { name }, caller) => {
      const model = modelNamed(service.ctx, name);
      await removeHolds(service, caller, model);
      await edit.deleteModel(service.ctx, caller, name, 'deleted by an MLflow client');
      return {};
    },
  }),
  'GET registered-models/search': read(
    z.object({ filter: text, max_results: maybeInt, order_by: list(z.string()), page_token: maybe }),
    ({ ctx }, asked) => {
      const limit = pageSize(asked.max_results, 100, 1000);
      const offset = offsetOf(asked.page_token);
      const { conditions, prompts } = promptsIn(conditionsOf(asked.filter, modelGrammar));
      const order = namedOrdersOf(
        asked.order_by,
        orderKeys,
        (key) => `Invalid order by key '${key}' specified. Valid keys are: name, timestamp, last_updated_timestamp`,
      );
      const rows = searchModels(ctx.db, prompts, { conditions, order, limit: limit + 1, offset });
      const { items, ...rest } = pageOf(rows, { offset, limit });
      return { ...(items.length > 0 && { registered_models: modelViews(ctx, items) }), ...rest };
    },
  ),
  'POST registered-models/set-tag': change({
    role: 'contributor',
    schema: ofModel.extend(pair.shape),
    touches: touchesName,
    handler: async ({ ctx }, { name, ...tag }, caller) => {
      modelNamed(ctx, name);
      const { key, value } = checkTag(tag);
      await edit.tagModel(ctx, caller, name, key, value);
      return {};
    },
  }),
  'DELETE registered-models/delete-tag': change({
    role: 'contributor',
    schema: ofModel.extend({ key: required }),
    touches: touchesName,
    handler: async ({ ctx }, { name, key }, caller) => {
      const model = modelNamed(ctx, name);
      if (Object.hasOwn(tagsOfModel(ctx.db, model.id), key)) await edit.tagModel(ctx, caller, name, key, null);
      return {};
    },
  }),
};

const latest = read(ofModel.extend({ stages: list(z.string()) }), ({ ctx }, { name, stages }) => {
  const model = modelNamed(ctx, name);
  const wanted = stages.length === 0 ? everyStage : [...new Set(stages.map(stageOf))];
  const found = newestInStages(ctx.db, [model.id], wanted).get(0);
  return found ? { model_versions: versionViews(ctx, found) } : {};
});

const ofAlias = ofModel.extend({ alias: required });

/** Returns a model and an alias in the form of token scopes. */
function touchesAlias({ name, alias }: z.infer<typeof ofAlias>): Touches {
  return { models: [name], pointers: [`@${alias}`] };
}

const pointers: Routes = {
  'GET registered-models/get-latest-versions': latest,
  'POST registered-models/get-latest-versions': latest,
  'POST registered-models/alias': change({
    role: 'contributor',
    schema: ofAlias.extend({ version: required }),
    touches: touchesAlias,
    handler: async ({ ctx }, asked, caller) => {
      const { model } = versionNamed(ctx, asked.name, asked.version);
      const move = { kind: 'alias' as const, name: asked.alias, reason: '', foreign: true };
      await promote(ctx, caller, model.name, asked.version, move);
      return {};
    },
  }),
  'DELETE registered-models/alias': change({
    role: 'contributor',
    schema: ofAlias,
    touches: touchesAlias,
    handler: async ({ ctx }, { name, alias }, caller) => {
      const model = modelNamed(ctx, name);
      const holder = pointerOf(ctx.db, model.id, 'alias', alias)?.holder ?? null;
      if (holder !== null) await removeAlias(ctx, caller, model.name, { kind: 'alias', name: alias, reason: '' });
      return {};
    },
  }),
  'GET registered-models/alias': read(ofAlias, ({ ctx }, { name, alias }) => {
    const model = modelNamed(ctx, name);
    const newest =
      alias.toLowerCase() === 'latest' ? versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, 1)[0] : undefined;
    const holder = pointerOf(ctx.db, model.id, 'alias', alias)?.holder ?? null;
    const row = newest ?? (holder === null ? undefined : versionOf(ctx.db, model.id, holder));
    if (!row) throw invalid(`Registered model alias ${alias} not found.`);
    return { model_version: versionView(ctx, row, model.name) };
  }),
};

export const registeredModels: Routes = { ...models, ...pointers };
