import * as vscode from 'vscode';
import type { Service } from '../service.ts';
import { readArtifacts } from '../mirror/fetch.ts';
import { setting } from '../settings.ts';

const readAfterMs = 1000;

/** Marks files that are versions in the explorer. */
export function registerDecorations(service: Service): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let labels = new Map<string, string>();
  let seq = -1;
  const read = async (): Promise<void> => {
    const artifacts = await service.ifConnected((client) => readArtifacts(client, 'registered'));
    if (!artifacts) return;
    labels = new Map(artifacts.map(({ path, model, version }) => [path, `${model}@${version}`]));
    changed.fire(undefined);
  };
  let timer: NodeJS.Timeout | undefined;
  const listen = service.onChange(({ phase, activity }) => {
    const newest = activity[0]?.seq ?? 0;
    if (phase !== 'running' || newest === seq || !setting('explorer.decorations', true)) return;
    seq = newest;
    timer ??= setTimeout(() => {
      timer = undefined;
      void read().catch(() => undefined);
    }, readAfterMs);
  });
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: ({ scheme, fsPath }) => {
      const label = scheme === 'file' && setting('explorer.decorations', true) ? labels.get(fsPath) : undefined;
      return label === undefined ? undefined : { badge: '◆', tooltip: vscode.l10n.t('Registered as {0}', label) };
    },
  });
  return vscode.Disposable.from(listen, provider, changed, new vscode.Disposable(() => clearTimeout(timer)));
}
