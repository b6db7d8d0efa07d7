import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../protocol/events.ts';
import type { Pointer, PointerRef } from '../../protocol/model.ts';
import { reasonOf } from '../event-text.ts';
import { ageText } from '../format.ts';

/** A version that a rollback can restore. */
export interface RollbackChoice {
  number: number;
  /** The event by which it was promoted; undefined if the history that was read does not reach so far. */
  arrival: ThinEvent | undefined;
}

/** Lists the previous versions of a stage or alias, the one that a rollback takes first. `history` is newest first. */
export function rollbackChoices(pointer: Pointer, history: readonly ThinEvent[]): RollbackChoice[] {
  const earlier = new Set(pointer.previous.toReversed());
  earlier.delete(pointer.holder ?? 0);
  return [...earlier].map((number) => ({ number, arrival: arrivalOf(history, pointer, number) }));
}

/**
 * Returns the promotion that brought a version to a stage or alias. A rollback that restored it later has the reason for which another
 * version was left, so that is no explanation.
 */
function arrivalOf(history: readonly ThinEvent[], pointer: PointerRef, number: number): ThinEvent | undefined {
  return history.find(
    ({ type, number: own, body }) =>
      type === 'pointer.moved/1' &&
      own === number &&
      body['kind'] === pointer.kind &&
      body['name'] === pointer.name &&
      (body['cause'] === 'promote' || body['cause'] === 'alias'),
  );
}

/** Explains a choice: `promoted 12 d ago by ana · "better recall"`. */
export function arrivalText({ arrival }: RollbackChoice, now: number): string {
  if (arrival === undefined) return l10n.t('reason unknown');
  const reason = reasonOf(arrival);
  const parts = [
    l10n.t('promoted {0} by {1}', ageText(arrival.at, now), arrival.actor),
    arrival.body['bypassed'] === true ? l10n.t('gates overridden') : '',
    reason === '' ? '' : `“${reason}”`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
