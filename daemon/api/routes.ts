import type { IncomingMessage } from 'node:http';
import type { Routes } from '../protocol/routes.ts';
import { models } from './endpoints/models.ts';
import { pointers } from './endpoints/pointers.ts';
import { policies } from './endpoints/policies.ts';
import { self, system } from './endpoints/system.ts';
import { tokens } from './endpoints/tokens.ts';
import { uploads } from './endpoints/uploads.ts';
import { versionBytes } from './endpoints/version-bytes.ts';
import { versions } from './endpoints/versions.ts';
import { webhooks } from './endpoints/webhooks.ts';
import { watch } from './endpoints/watch.ts';
import type { RawRows, RouteRows } from './route.ts';
import { pages } from './web/pages.ts';

/** Every JSON route of the protocol. MLflow's are in `mlflow/router.ts`. */
export const routes: RouteRows<Routes> = {
  ...models,
  ...versions,
  ...pointers,
  ...policies,
  ...watch,
  ...tokens,
  ...webhooks,
  ...system,
};

/** Routes that write their own response. */
export const rawRoutes: RawRows = { ...self, ...pages, ...versionBytes, ...uploads };

const open = new Set(Object.entries(rawRoutes).flatMap(([route, { role }]) => (role === 'open' ? [route] : [])));

/** True for requests that need no token. Only the parts of the pages, which hold no data, have a name in an open route. */
export function isOpen({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  const path = (url ?? '').split('?', 1)[0] ?? '';
  const of = `${method === 'HEAD' ? 'GET' : method} `;
  return open.has(of + path) || open.has(of + path.replace(/^(\/pages\/part\/)\w+\.js$/, '$1:name'));
}
