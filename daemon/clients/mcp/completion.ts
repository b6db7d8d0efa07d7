import type { Model } from '../../protocol/model.ts';
import { maxPageItems } from '../../shared/paging.ts';
import type { Client } from '../client/request.ts';
import { visibleJson } from './answer.ts';

/** Values of a completion at most, by the protocol. */
const maxValues = 100;
/** Newest versions of a model that are offered by number. */
const maxNumbers = 20;

const ofModel = new Set(['model']);
const ofVersion = new Set(['candidate', 'baseline', 'version']);

interface Completion {
  values: string[];
  total: number;
  hasMore: boolean;
}

/** Offers models and versions for an argument of a prompt or a resource; nothing for other arguments. */
export async function completionOf(
  client: Pick<Client, 'call'>,
  { name, value }: { name: string; value: string },
): Promise<Completion> {
  if (!ofModel.has(name) && !ofVersion.has(name)) return { values: [], total: 0, hasMore: false };
  const query = value.split('@', 1)[0];
  const { items } = await client.call('GET /models', { limit: maxPageItems, ...(query && { query }) });
  const found = items
    .flatMap((model) => (ofModel.has(name) ? [model.name] : referencesTo(model)))
    .filter((one) => one.startsWith(value) && isVisible(one));
  return { values: found.slice(0, maxValues), total: found.length, hasMore: found.length > maxValues };
}

function referencesTo({ name, latest, pointers }: Model): string[] {
  const newest = latest ?? 0;
  const numbers = Array.from({ length: Math.min(newest, maxNumbers) }, (_, at) => String(newest - at));
  const held = pointers.filter(({ holder }) => holder !== null).map((one) => one.name);
  return [...held, ...numbers].map((one) => `${name}@${one}`);
}

/** False for a name with characters that a person does not see: it cannot be shown as it is, and another would not be the name. */
function isVisible(name: string): boolean {
  return visibleJson(name) === JSON.stringify(name);
}
