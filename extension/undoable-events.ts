import type { ThinEvent } from '../daemon/protocol/events.ts';

const undoable = new Set<ThinEvent['type']>([
  'version.staged/1',
  'version.deleted/1',
  'model.deleted/1',
  'model.renamed/1',
  'model.merged/1',
  'model.described/1',
  'model.metrics/1',
]);

/** True for events that can be undone with one click. */
export function isUndoable(event: ThinEvent): boolean {
  const { cause, undoes } = event.body;
  if (typeof undoes === 'number') return false;
  if (event.type === 'pointer.moved/1') return cause !== 'left' && cause !== 'undo';
  return undoable.has(event.type);
}

/** Returns the last move of a version that was not undone; undefined when there is none. */
export function newestTransition(activity: readonly ThinEvent[]): ThinEvent | undefined {
  const undone = new Set(activity.map(({ body }) => body['undoes']));
  const isMove = ({ type }: ThinEvent): boolean => type === 'pointer.moved/1' || type === 'version.staged/1';
  return activity.find((event) => isMove(event) && isUndoable(event) && !undone.has(event.seq));
}
