import * as z from 'zod';
import type { Changed } from '../../protocol/shapes.ts';
import { quoted } from './answer.ts';
import { partsOf, pointerOf } from './read-tools.ts';
import { fields, tool, type Tool } from './tool.ts';

const { model, reference, reason, stage } = fields;
const path = z.string().min(1).max(4096).describe('absolute path on this machine');
const text = z.string().min(1).max(20_000);

/** Names a stage or an alias in a question. */
function pointerText(given = 'production'): string {
  return quoted(given);
}

function changed({ seq }: Changed): { head: Record<string, unknown> } {
  return { head: { done: true, event: seq } };
}

/** Tools that change the registry, always through its gates and roles. Nothing overrides a gate. */
export const writeTools: readonly Tool[] = [
  tool({
    name: 'promote',
    title: 'Promote a version',
    description: 'Promotes a version to a stage or alias, if its gates pass. A person is asked first.',
    input: { reference, stage, reason },
    question: (input) =>
      `Promote ${quoted(input.reference)} to ${pointerText(input.stage)}? Reason: ${quoted(input.reason)}`,
    run: async (context, input) => {
      const request = { ...partsOf(input.reference), ...pointerOf(input.stage), reason: input.reason };
      return {
        head: { ...(await (await context.client()).call('POST /models/:model/versions/:version/promote', request)) },
      };
    },
  }),
  tool({
    name: 'roll_back',
    title: 'Roll back a stage',
    description:
      'Restores the previous version of a stage or alias, after its files are verified. A person is asked first.',
    input: { model, stage, reason },
    question: (input) =>
      `Roll back ${pointerText(input.stage)} of ${quoted(input.model)} to its previous version? Reason: ${quoted(input.reason)}`,
    run: async (context, input) => {
      const request = { model: input.model, ...pointerOf(input.stage), reason: input.reason };
      return { head: { ...(await (await context.client()).call('POST /models/:model/rollback', request)) } };
    },
  }),
  tool({
    name: 'request_approval',
    title: 'Request an approval',
    description:
      'Asks people to approve a version for a stage or alias. Agents cannot approve. A person is asked first.',
    input: { reference, stage, reason },
    question: (input) =>
      `Request approval of ${quoted(input.reference)} for ${pointerText(input.stage)}? Reason: ${quoted(input.reason)}`,
    run: async (context, input) => {
      const request = { ...partsOf(input.reference), ...pointerOf(input.stage), reason: input.reason };
      return changed(
        await (await context.client()).call('POST /models/:model/versions/:version/ask-approval', request),
      );
    },
  }),
  tool({
    name: 'register_version',
    title: 'Register a version',
    description: 'Registers a file or folder of this machine as a version. A person is asked first.',
    input: { path, model: model.optional() },
    question: (input) =>
      `Register ${quoted(input.path)} as a version of ${input.model === undefined ? 'the model that its path names' : quoted(input.model)}?`,
    run: async (context, input) => {
      const { version } = await (
        await context.client()
      ).call('POST /register', { path: input.path, model: input.model });
      return { head: { done: true, model: version.model, version: version.number } };
    },
  }),
  tool({
    name: 'attach_file',
    title: 'Attach a file to a version',
    description: 'Adds a file of this machine with metrics, params or a report to a version. A person is asked first.',
    input: { reference, path },
    question: (input) => `Attach ${quoted(input.path)} to ${quoted(input.reference)}?`,
    run: async (context, input) => {
      const request = { ...partsOf(input.reference), path: input.path };
      const { source, metrics } = await (
        await context.client()
      ).call('POST /models/:model/versions/:version/attach', request);
      return { head: { done: true, source, metrics } };
    },
  }),
  tool({
    name: 'describe_model',
    title: 'Write a description or a card',
    description: 'Writes the card of a model (Markdown), or the description of a version. A person is asked first.',
    input: { reference: fields.reference.describe('a model, or a version such as churn@7'), text },
    question: (input) =>
      `Write this ${isVersion(input.reference) ? 'description of the version' : 'card of the model'} ${quoted(input.reference)}? It begins: ${quoted(input.text)}`,
    run: async (context, input) => {
      const client = await context.client();
      const { model: name, version } = partsOf(input.reference);
      if (!isVersion(input.reference))
        return changed(await client.call('POST /models/:model/card', { model: name, text: input.text }));
      return changed(
        await client.call('POST /models/:model/versions/:version/describe', {
          model: name,
          version,
          description: input.text,
        }),
      );
    },
  }),
  tool({
    name: 'tag_version',
    title: 'Tag a version',
    description: 'Sets a tag of a version; an empty value removes it. A person is asked first.',
    input: { reference, key: z.string().min(1).max(200), value: z.string().max(2000) },
    question: (input) => `Set the tag ${quoted(input.key)} of ${quoted(input.reference)} to ${quoted(input.value)}?`,
    run: async (context, input) => {
      const request = { ...partsOf(input.reference), key: input.key, value: input.value === '' ? null : input.value };
      return changed(await (await context.client()).call('POST /models/:model/versions/:version/tag', request));
    },
  }),
];

function isVersion(given: string): boolean {
  return partsOf(given).version !== 'latest' || given.endsWith('@latest');
}
