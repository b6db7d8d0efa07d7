import { isDeciding, type Mirror } from '../mirror/reducer.ts';

/** What the models' tree says while it has no rows; each is a welcome text of the manifest. */
export type ViewState =
  'starting' | 'looking' | 'found' | 'empty' | 'watching' | 'stopped' | 'failed' | 'models' | 'filtered';

/** What decides it besides the mirror. */
export interface Opening {
  /** True while the view is about to start the service, or to add the folders of the workspace. Nothing is said to be missing then. */
  isUnderWay: boolean;
}

/** Returns what the empty tree says; undefined, for nothing, while nothing is known. Pure. */
export function viewStateOf(mirror: Mirror, filter: string, { isUnderWay }: Opening): ViewState | undefined {
  if (mirror.phase === 'failed' || mirror.phase === 'starting') return mirror.phase;
  if (mirror.phase === 'stopped') return isUnderWay ? 'starting' : 'stopped';
  if (mirror.phase === 'unknown') return isUnderWay ? 'starting' : undefined;
  if (mirror.models.length > 0) return filter === '' ? 'models' : 'filtered';
  if (!mirror.status) return 'starting';
  if (mirror.found.length > 0) return 'found';
  if (isUnderWay || isLooking(mirror)) return 'looking';
  return mirror.status.roots.length > 0 ? 'watching' : 'empty';
}

/** True until each watched folder was read once, and while what was found there is not handled yet. */
function isLooking({ status, waiting, progress }: Mirror): boolean {
  if (isDeciding({ status })) return true;
  const roots = status?.roots ?? [];
  const isUnread = roots.some(({ state, lastScanAt }) => state === 'watching' && lastScanAt === null);
  return isUnread || waiting.length > 0 || progress.size > 0 || (status?.busy.length ?? 0) > 0;
}
