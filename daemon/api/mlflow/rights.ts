import type { Role } from '../../protocol/token.ts';
import type { Touched } from '../rights.ts';

/** What is asked of whoever calls a route of MLflow's; `key` as in `POST runs/search`. */
export function roleFor(key: string): Role {
  const [method, path = ''] = key.split(' ');
  return method === 'GET' || /(^|[/-])(search|get-latest-versions|get-history-bulk)(-|$|\/)/.test(path)
    ? 'viewer'
    : 'contributor';
}

/** The models and the pointer that a request would change. */
export function touchedBy(key: string, asked: Readonly<Record<string, unknown>>): Touched {
  const path = key.split(' ')[1] ?? '';
  if (!path.startsWith('registered-models/') && !path.startsWith('model-versions/')) return { models: [] };
  const models = [asked['name'], asked['new_name']].filter((name) => typeof name === 'string');
  const { alias, stage } = asked;
  if (path.endsWith('/alias') && typeof alias === 'string') return { models, pointer: `@${alias}` };
  return typeof stage === 'string' ? { models, pointer: stage.toLowerCase() } : { models };
}
