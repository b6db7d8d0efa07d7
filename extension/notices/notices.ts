import * as vscode from 'vscode';
import type { Notice } from '../../daemon/protocol/routes/webhooks.ts';
import type { Extension } from '../context.ts';
import { openPage } from '../panels/open-page.ts';
import { setting } from '../settings.ts';
import { noticesText } from './notice-text.ts';

/** Notices that come within this time become one. Meanwhile the replies to the window's own requests arrive. */
const togetherMs = 1000;

/** Shows what others do to the registry, if the person wants that. Never shows what was done in this window. */
export function registerNotices(extension: Extension): vscode.Disposable {
  const { service } = extension;
  let waiting: Notice[] = [];
  let timer: NodeJS.Timeout | undefined;
  const showTogether = (): void => {
    timer = undefined;
    const notices = waiting.filter((notice) => !service.ownActs.has(notice));
    waiting = [];
    if (notices.length > 0) void show(extension, notices);
  };
  const listener = service.onMessage((message) => {
    if (message.kind !== 'notice' || !setting('notices', false)) return;
    waiting.push(message.notice);
    timer ??= setTimeout(showTogether, togetherMs);
  });
  return vscode.Disposable.from(listener, new vscode.Disposable(() => clearTimeout(timer)));
}

async function show(extension: Extension, notices: readonly Notice[]): Promise<void> {
  const label = vscode.l10n.t('Show');
  if ((await extension.messages.show('notice', noticesText(notices), label)) !== label) return;
  const [only] = notices;
  if (!only || notices.length > 1) return void (await vscode.commands.executeCommand('plinth.activity.focus'));
  const { model, version } = only;
  openPage(
    extension,
    version === null ? { page: 'model', model } : { page: 'version', model, version: String(version) },
  );
}
