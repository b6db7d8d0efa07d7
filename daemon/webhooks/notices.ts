import type { Database } from '../db/database.ts';
import type { LoggedEvent } from '../db/log.ts';
import { modelById } from '../db/models.ts';
import type { GateReport } from '../protocol/policy.ts';
import type { Notice } from '../protocol/routes/webhooks.ts';
import { pointerText } from '../shared/event-text.ts';
import { referenceTo } from '../shared/references.ts';

/** Returns what webhooks are told about an event; undefined for events of no interest. */
export function noticeOf(db: Database, event: LoggedEvent): Notice | undefined {
  if (event.type === 'pointer.moved/1') return ofMove(db, event);
  const { seq, at, actor } = event;
  if (event.type === 'approval.asked/1') {
    const { model, number, kind, name, reason } = event.body;
    const [label, pointer] = [referenceTo(nameOf(db, model), number), pointerText({ kind, name })];
    const text = `${actor} requested approval of ${label} for ${pointer}.`;
    const about = { model: nameOf(db, model), version: number, pointer, from: null, to: number };
    return { kind: 'approval-requested', text, ...about, actor, reason, at, event: seq };
  }
  if (event.type !== 'version.damaged/1') return undefined;
  const { model, number, detail } = event.body;
  const text = `${referenceTo(nameOf(db, model), number)} is damaged: ${detail}`;
  const about = { model: nameOf(db, model), version: number, pointer: null, from: null, to: null };
  return { kind: 'version-damaged', text, ...about, actor, reason: '', at, event: seq };
}

function ofMove(db: Database, event: LoggedEvent & { type: 'pointer.moved/1' }): Notice | undefined {
  const { model, kind, name, cause, reason, before, after, undoes } = event.body;
  if (after.holder === null || after.holder === before.holder || cause === 'left') return undefined;
  const { seq, at, actor } = event;
  const pointer = pointerText({ kind, name });
  const isBack = cause === 'rollback' || undoes !== null;
  const did = isBack ? 'rolled back' : 'promoted';
  const was = before.holder === null ? 'empty' : `v${before.holder}`;
  const text = `${actor} ${did} ${pointer} of ${nameOf(db, model)}: ${was} → v${after.holder}.`;
  const about = { model: nameOf(db, model), version: after.holder, pointer, from: before.holder, to: after.holder };
  return { kind: isBack ? 'rolled-back' : 'promoted', text, ...about, actor, reason, at, event: seq };
}

/** Returns what webhooks are told about a promotion that gates refused. */
export function refusalNotice(
  { model, number, gates, holder, ...pointer }: GateReport,
  actor: string,
  at: number,
): Notice {
  const failed = gates.filter(({ outcome }) => outcome === 'failed').map(({ gate, detail }) => `${gate} (${detail})`);
  const text = `${actor} could not promote ${referenceTo(model, number)} to ${pointerText(pointer)}: ${failed.join(', ')}.`;
  const about = { model, version: number, pointer: pointerText(pointer), from: holder, to: null };
  return { kind: 'gate-failed', text, ...about, actor, reason: '', at, event: null };
}

function nameOf(db: Database, model: string): string {
  return modelById(db, model)?.name ?? '?';
}
