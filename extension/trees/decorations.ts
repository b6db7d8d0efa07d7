import * as vscode from 'vscode';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import type { Service } from '../service.ts';
import { readArtifacts, readHandRegistered } from '../mirror/fetch.ts';
import { setting } from '../settings.ts';

const readAfterMs = 1000;
/** Times of files are read with different precision. */
const sameTimeMs = 2;

/** The version that a file is. */
interface Marked {
  reference: string;
  /** Time of the file's last write when it was registered by hand. Such a file may lie outside of watched folders, and may have changed since. */
  writtenAt: number | null;
}

/** Marks files that are versions in the explorer. */
export function registerDecorations(service: Service): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let artifacts: [string, Marked][] = [];
  let byHand: [string, Marked][] = [];
  /** True if `byHand` has to be read again. What happens while it is being read makes it stale once more. */
  let isStale = true;
  let marks = new Map<string, Marked>();
  let seq = -1;
  const read = async (): Promise<void> => {
    const found = await service.ifConnected((client) => readArtifacts(client, 'registered'));
    if (!found) return;
    artifacts = found.map(({ path, model, version }) => [
      path,
      { reference: referenceTo(model ?? '', version ?? ''), writtenAt: null },
    ]);
    if (isStale) {
      isStale = false;
      const known = await handRegistered(service).catch(() => undefined);
      if (known) byHand = known;
      else isStale = true;
    }
    marks = new Map([...byHand, ...artifacts]);
    changed.fire(undefined);
  };
  let timer: NodeJS.Timeout | undefined;
  const listen = service.onChange(({ phase, activity }) => {
    const newest = activity[0]?.seq ?? 0;
    if (phase !== 'running' || newest === seq || !setting('explorer.decorations', true)) return;
    if (activity.some((event) => event.seq > seq && changesVersions(event))) isStale = true;
    seq = newest;
    timer ??= setTimeout(() => {
      timer = undefined;
      void read().catch(() => undefined);
    }, readAfterMs);
  });
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: async (uri) => {
      const isOn = uri.scheme === 'file' && setting('explorer.decorations', true);
      const mark = isOn ? marks.get(uri.fsPath) : undefined;
      if (!mark || !(await isUnchanged(uri, mark))) return undefined;
      return { badge: '◆', tooltip: vscode.l10n.t('Registered as {0}', mark.reference) };
    },
  });
  return vscode.Disposable.from(listen, provider, changed, new vscode.Disposable(() => clearTimeout(timer)));
}

/** True for events after which other versions, or versions of other names, exist. */
function changesVersions({ type }: ThinEvent): boolean {
  return /^(?:version\.(?:registered|completed|moved|deleted|undeleted)|model\.(?:renamed|deleted|undeleted|merged|unmerged))\//.test(
    type,
  );
}

/** Returns the files that were registered by hand; undefined without a connection. The oldest come first, so that the newest version of a path stays. */
async function handRegistered(service: Service): Promise<[string, Marked][] | undefined> {
  const versions = await service.ifConnected(readHandRegistered);
  return versions?.toReversed().map(({ model, number, source: { path, writtenAt } }) => {
    return [path, { reference: referenceTo(model, number), writtenAt: writtenAt ?? Number.NaN }];
  });
}

/** True if a file is still as it was when it was registered. Watched folders report changes themselves. */
async function isUnchanged(uri: vscode.Uri, { writtenAt }: Marked): Promise<boolean> {
  if (writtenAt === null) return true;
  const stat = await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined);
  return stat !== undefined && Math.abs(stat.mtime - writtenAt) <= sameTimeMs;
}
