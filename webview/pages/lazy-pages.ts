import type { View } from '../protocol.ts';

/** All pages but the comparison, which is the largest. Their code is loaded when a view of them arrives. */
const loaders = {
  models: () => import('./model/models.ts'),
  model: () => import('./model/model.ts'),
  history: () => import('./history/history.ts'),
  version: () => import('./version/version.ts'),
  lineage: () => import('./lineage/lineage.ts'),
  inspect: () => import('./inspector/inspector.ts'),
  run: () => import('./run/run.ts'),
  runs: () => import('./runs/runs.ts'),
};

type Loaders = typeof loaders;
type Loaded = { [P in keyof Loaders]?: Awaited<ReturnType<Loaders[P]>> };

const loaded: Loaded = {};

/** Loads the code of a page, unless it is part of the main script or was loaded before. */
export async function loadPage(page: View['page']): Promise<void> {
  if (!isLazy(page) || loaded[page]) return;
  Object.assign(loaded, { [page]: await loaders[page]() });
}

function isLazy(page: View['page']): page is keyof Loaders {
  return Object.hasOwn(loaders, page);
}

/** Returns the code of a page that `loadPage` has loaded. */
export function lazyPage<P extends keyof Loaders>(page: P): NonNullable<Loaded[P]> {
  const found = loaded[page];
  if (!found) throw new Error(`The page ${page} was not loaded.`);
  return found;
}
