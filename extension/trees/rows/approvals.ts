import type { Version } from '../../../daemon/protocol/model.ts';
import type { Approval } from '../../../daemon/protocol/approval.ts';
import { leaf, type Node } from '../nodes.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { pointerText } from '../../../daemon/shared/event-text.ts';

/** Lists requests, approvals and rejections of a version; undefined when none are known. */
export function approvalsNode(id: string, version: Version, mirror: Mirror): Node | undefined {
  const said = mirror.details.get(`${version.model}@${version.number}`)?.approvals;
  if (said === undefined) return isTalkedAbout(version, mirror) ? unreadNode(id, version) : undefined;
  const newest = said.at(-1);
  if (!newest) return undefined;
  return {
    ...leaf(`${id}:approvals`, l10n.t('Approvals'), text(newest), 'pass'),
    context: 'group',
    children: said.map((one) => ({
      ...leaf(`${id}:approval:${one.seq}`, text(one), one.text, icon(one)),
      tooltip: tooltip(one),
    })),
  };
}

/** True when events in this window show that there are approvals which have not been read yet. */
function isTalkedAbout({ model, number }: Version, { activity }: Mirror): boolean {
  return activity.some(
    (event) => event.type.startsWith('approval.') && event.model === model && event.number === number,
  );
}

/** Returns a row whose children are read, with everything else about the version, when it is opened. */
function unreadNode(id: string, version: Version): Node {
  const row = leaf(`${id}:approvals`, l10n.t('Approvals'), '', 'question');
  return { ...row, context: 'group', subject: { kind: 'lineage', version }, children: null };
}

function text({ decision, person, ...pointer }: Approval): string {
  const where = pointerText(pointer);
  if (decision === 'requested') return l10n.t('{0} requested approval for {1}', person, where);
  return decision === 'approved'
    ? l10n.t('{0} approved for {1}', person, where)
    : l10n.t('{0} rejected for {1}', person, where);
}

function tooltip(one: Approval): string {
  const by = one.asserted === undefined ? one.person : `${one.person} (${l10n.t('{0}, asserted', one.asserted)})`;
  return [text(one), `${by} · ${new Date(one.at).toLocaleString()}`, one.text].filter((part) => part !== '').join('\n');
}

function icon({ decision }: Approval): string {
  return { requested: 'question', approved: 'pass', rejected: 'error' }[decision];
}
