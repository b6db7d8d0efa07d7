import type { Caller, Context } from '../../../context.ts';
import type { ModelRow } from '../../../db/models.ts';
import type { Pair } from '../../../db/tracking/pairs.ts';
import { RegistryError } from '../../../errors.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { promptFramework, promptTextTag } from '../../../protocol/prompt.ts';
import { deleteModel } from '../../../registry/versions/edit.ts';
import { registerVersion } from '../../../registry/versions/register.ts';
import { MlflowError, invalid } from '../error-handler.ts';
import { checkPromptSource } from './prompts.ts';
import { checkDescription, checkTag, tagged } from '../tags.ts';

/** A client's request for a prompt version, whose contents are in its tags. */
export interface NewPromptVersion {
  source: string;
  description: string;
  tags: readonly Pair[];
}

const typeTag = '_mlflow_prompt_type';
const configTag = '_mlflow_prompt_model_config';

/**
 * Makes a version of a prompt, with its text as its only file, so that it is verified, compared and rolled back like any version.
 * If the first version is refused, the empty prompt that the client has just created is deleted, too.
 */
export async function createPromptVersion(
  ctx: Context,
  caller: Caller,
  model: ModelRow,
  asked: NewPromptVersion,
): Promise<number> {
  try {
    return await register(ctx, caller, model, asked);
  } catch (error) {
    const isRefusal = error instanceof MlflowError || error instanceof RegistryError;
    if (isRefusal && isHalfMade(ctx, model))
      await deleteModel(ctx, caller, model.name, 'its first version was refused');
    throw error;
  }
}

/** Milliseconds within which a client creates a prompt and its first version. */
const oneGo = 60_000;

function isHalfMade(ctx: Context, model: ModelRow): boolean {
  return model.lastNumber === 0 && ctx.now() - model.createdAt < oneGo;
}

async function register(ctx: Context, caller: Caller, model: ModelRow, asked: NewPromptVersion): Promise<number> {
  checkPromptSource(asked.source);
  const tags = tagged(asked.tags.map(checkTag));
  const text = tags[promptTextTag];
  if (text === undefined) throw invalid(`A version of a prompt needs the tag ${promptTextTag} with its text.`);
  const isChat = tags[typeTag] === 'chat';
  const bytes = Buffer.from(text);
  const digest = ctx.blobs.put(bytes);
  const { version } = await registerVersion(ctx, caller, {
    model: model.name,
    files: [{ path: '', size: bytes.length, sha256: digest.slice('sha256:'.length) }],
    primary: isChat ? 'prompt.json' : 'prompt.txt',
    wholeFolder: false,
    facts: factsOf(isChat ? 'chat' : 'text', parseObject(tags[configTag])),
    source: {
      kind: 'mlflow',
      path: asked.source,
      run: null,
      writtenAt: null,
      mlflow: { source: asked.source, location: asked.source, runId: '', runLink: '', modelId: '' },
    },
    evidence: [],
    again: true,
    description: checkDescription(asked.description),
    tags,
  });
  return version.number;
}

function factsOf(format: string, params: Record<string, Json>): ModelFacts {
  return {
    framework: promptFramework,
    frameworkVersion: null,
    format,
    modelClass: null,
    parameterCount: null,
    tensors: [],
    tensorsTotal: 0,
    pickle: null,
    signature: null,
    params,
    metrics: {},
    epoch: null,
    step: null,
    metadata: {},
    problems: [],
  };
}

/** Parses a prompt's model settings; empty if they are no JSON object. */
function parseObject(text: string | undefined): Record<string, Json> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};
  } catch {
    return {};
  }
}
