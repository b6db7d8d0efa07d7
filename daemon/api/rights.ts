import { RegistryError } from '../errors.ts';
import { roles, type Rights, type Role } from '../protocol/token.ts';
import type { Route } from '../protocol/routes.ts';
import { matches } from '../shared/glob.ts';

/** What is asked of whoever calls a route. Whatever names a path of this machine acts for its user and is an admin's. */
export const routeRoles: { readonly [R in Route]: Role } = {
  'GET /status': 'viewer',
  'GET /models': 'viewer',
  'GET /models/:model': 'viewer',
  'GET /models/:model/card': 'viewer',
  'GET /models/:model/versions': 'viewer',
  'GET /models/:model/versions/:version': 'viewer',
  'GET /models/:model/versions/:version/captured': 'viewer',
  'GET /models/:model/versions/:version/gates': 'viewer',
  'GET /models/:model/versions/:version/approvals': 'viewer',
  'GET /models/:model/gates': 'viewer',
  'GET /models/:model/history': 'viewer',
  'GET /models/:model/holders': 'viewer',
  'GET /approvals': 'viewer',
  'GET /log': 'viewer',
  'GET /audit': 'viewer',
  'GET /review': 'viewer',
  'GET /retention': 'viewer',
  'GET /artifacts': 'viewer',
  'GET /runs': 'viewer',
  'GET /mlflow/runs/:run': 'viewer',
  'GET /compare': 'viewer',
  'GET /series': 'viewer',
  'GET /bisect': 'viewer',
  'GET /roots': 'viewer',
  'GET /ignored': 'viewer',
  'GET /identify': 'admin',
  'GET /inspect': 'admin',
  'GET /why': 'admin',
  'GET /policy': 'admin',
  'GET /trust': 'admin',
  'GET /tokens': 'admin',
  'GET /mlflow': 'admin',
  'POST /tensors/compare': 'viewer',
  'POST /tensors/cancel': 'viewer',
  'POST /models/:model/card': 'contributor',
  'POST /models/:model/rename': 'contributor',
  'POST /models/:model/describe': 'contributor',
  'POST /models/:model/metric': 'contributor',
  'POST /models/:model/tag': 'contributor',
  'POST /models/:model/rollback': 'contributor',
  'POST /models/:model/unalias': 'contributor',
  'POST /models/:model/versions/:version/gates': 'contributor',
  'POST /models/:model/versions/:version/promote': 'contributor',
  'POST /models/:model/versions/:version/ask-approval': 'contributor',
  'POST /models/:model/versions/:version/archive': 'contributor',
  'POST /models/:model/versions/:version/restore': 'contributor',
  'POST /models/:model/versions/:version/delete': 'contributor',
  'POST /models/:model/versions/:version/describe': 'contributor',
  'POST /models/:model/versions/:version/tag': 'contributor',
  'POST /models/:model/versions/:version/comment': 'contributor',
  'POST /models/:model/versions/:version/move': 'contributor',
  'POST /models/:model/versions/:version/materialise': 'contributor',
  'POST /undo': 'contributor',
  'POST /verify': 'contributor',
  'POST /models/:model/versions/:version/approve': 'approver',
  'POST /models/:model/versions/:version/reject': 'approver',
  'POST /models/:model/versions/:version/attach': 'admin',
  'POST /register': 'admin',
  'POST /import': 'admin',
  'POST /found/register': 'admin',
  'POST /roots': 'admin',
  'POST /roots/remove': 'admin',
  'POST /roots/pause': 'admin',
  'POST /roots/resume': 'admin',
  'POST /ignored': 'admin',
  'POST /ignored/remove': 'admin',
  'POST /scan': 'admin',
  'POST /tokens': 'admin',
  'POST /retention': 'admin',
  'POST /trust': 'admin',
  'POST /trust/remove': 'admin',
  'POST /models/:model/policy': 'admin',
  'POST /tokens/revoke': 'admin',
  'POST /mlflow/renew': 'admin',
  'POST /backup': 'admin',
  'POST /stop': 'admin',
};

/** What a request would change: names of models, and a pointer as `production` or `@champion`. */
export interface Touched {
  models: string[];
  pointer?: string | undefined;
}

/** Throws `forbidden`, saying which role or right is missing. */
export function assertMay(rights: Rights, needed: Role, touched: Touched = { models: [] }): void {
  const { owner, role, models, pointers } = rights;
  if (roles.indexOf(role) < roles.indexOf(needed))
    throw new RegistryError('forbidden', `${owner} is ${role}; this takes the role ${needed}`, { needed });
  if (needed === 'viewer') return;
  const foreign = touched.models.find((model) => models.length > 0 && !models.some((glob) => matches(model, glob)));
  if (foreign !== undefined)
    throw new RegistryError('forbidden', `${owner} may change ${models.join(', ')}, not ${foreign}`, { needed });
  const { pointer } = touched;
  if (pointer === undefined || pointers.length === 0 || pointers.some((glob) => matches(pointer, glob))) return;
  throw new RegistryError('forbidden', `${owner} may move ${pointers.join(', ')}, not ${pointer}`, { needed });
}

/** What a request to a route touches. An undo may touch anything: a token with limits is refused. */
export function touchedBy(route: Route, asked: object): Touched {
  const request: Record<string, unknown> = { ...asked };
  const text = (key: string): string[] => (typeof request[key] === 'string' ? [request[key]] : []);
  if (route === 'POST /undo') return { models: ['\0'], pointer: '\0' };
  const further = route.endsWith('/move') ? text('to') : route.endsWith('/rename') ? text('name') : [];
  const [stage] = text('stage');
  const [alias] = text('alias');
  const pointer = stage?.toLowerCase() ?? (alias === undefined ? undefined : `@${alias.replace(/^@/, '')}`);
  const archived = route.endsWith('/archive') ? 'archived' : undefined;
  const listed = Array.isArray(request['versions']) ? request['versions'].map(modelIn) : [];
  return { models: [...text('model'), ...further, ...listed], pointer: pointer ?? archived };
}

/** Of `churn@7`. */
function modelIn(reference: unknown): string {
  const text = String(reference);
  return text.slice(0, Math.max(0, text.lastIndexOf('@')));
}
