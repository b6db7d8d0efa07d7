import * as l10n from '@vscode/l10n';
import type { Notice } from '../../daemon/protocol/routes/webhooks.ts';

const maxName = 80;

/** Returns the sentence of a notice. Names in it are plain text, also where a message would show links. Pure. */
export function noticeText(notice: Notice): string {
  const [actor, model, pointer] = [notice.actor.split('/')[0] ?? '', notice.model, notice.pointer ?? ''].map(plain);
  const version = `${model} v${notice.version ?? '?'}`;
  const was = notice.from === null ? l10n.t('empty') : `v${notice.from}`;
  switch (notice.kind) {
    case 'promoted':
      return l10n.t('{0} promoted {1} to {2} (was {3}).', actor!, version, pointer!, was);
    case 'rolled-back':
      return l10n.t('{0} rolled back {1} of {2} to v{3} (was {4}).', actor!, pointer!, model!, notice.to ?? '?', was);
    case 'gate-failed':
      return l10n.t('Gates refused a promotion of {0} to {1} by {2}.', version, pointer!, actor!);
    case 'approval-requested':
      return l10n.t('{0} requested approval of {1} for {2}.', actor!, version, pointer!);
    case 'version-damaged':
      return l10n.t('Files of {0} are corrupted.', version);
  }
}

/** Returns the sentence of several notices that came together. Pure. */
export function noticesText(notices: readonly Notice[]): string {
  const newest = notices.at(-1);
  if (!newest) return '';
  const text = noticeText(newest);
  return notices.length === 1 ? text : l10n.t('{0} changes in the registry. The latest: {1}', notices.length, text);
}

/** Returns a name without the signs of a link, without line breaks, kept apart from text that runs the other way, and not too long. */
function plain(name: string): string {
  const short = name.length > maxName ? `${name.slice(0, maxName)}…` : name;
  const isAscii = /^[\x20-\x7e]*$/.test(short);
  // Control characters, and those that change the direction of the text after them.
  const text = short.replaceAll(/[[\]]/g, '·').replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return isAscii ? text : `\u2068${text}\u2069`;
}
