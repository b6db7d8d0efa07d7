import type { Client } from '../client/request.ts';
import { RegistryError } from '../../errors.ts';
import { readTools } from './read-tools.ts';
import { answerText, visibleJson } from './answer.ts';
import type { ToolContext } from './tool.ts';

export const resourceTemplates = [
  {
    uriTemplate: 'plinth://card/{model}',
    name: 'card',
    title: 'Model card',
    description: 'The card of a model, or a draft from its facts',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'plinth://compare/{baseline}/{candidate}',
    name: 'comparison',
    title: 'Comparison',
    description: 'A comparison of two versions',
    mimeType: 'application/json',
  },
];

const pageSize = 50;

/** Lists the cards of the models. */
export async function listResources(client: Pick<Client, 'call'>, cursor: string | undefined) {
  const page = await client.call('GET /models', { limit: pageSize, ...(cursor !== undefined && { cursor }) });
  const resources = page.items.map(({ name }) => ({
    uri: `plinth://card/${encodeURIComponent(name)}`,
    name: visibleJson(name.slice(0, 100)).slice(1, -1),
    title: 'Model card',
    mimeType: 'application/json',
  }));
  return { resources, ...(page.next !== null && { nextCursor: page.next }) };
}

/** Reads a resource; its content is the answer of the tool for the same. Throws `not-found`. */
export async function readResource(context: ToolContext, uri: string) {
  const [, kind = '', rest = ''] = /^plinth:\/\/(\w+)\/(.+)$/.exec(uri) ?? [];
  const parts = rest.split('/').map(decoded);
  const [first = '', second = ''] = parts;
  const asked =
    kind === 'card' && parts.length === 1
      ? { tool: 'get_card', input: { model: first } }
      : kind === 'compare' && parts.length === 2
        ? { tool: 'compare_versions', input: { baseline: first, candidates: [second] } }
        : undefined;
  const tool = readTools.find(({ name }) => name === asked?.tool);
  if (!tool || !asked)
    throw new RegistryError('not-found', 'There is no such resource. Use plinth://card/MODEL or plinth://compare/A/B.');
  return { contents: [{ uri, mimeType: 'application/json', text: answerText(await tool.run(context, asked.input)) }] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
