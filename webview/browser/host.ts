import * as l10n from '@vscode/l10n';
import { sizeText } from '../../daemon/shared/format.ts';
import { messageOf } from '../../daemon/errors.ts';
import { PageController } from '../page-host/page-controller.ts';
import { parseKept, withKept } from '../page-host/page-settings.ts';
import type { PageHost, SavedFile, VersionFile } from '../page-host/page-host.ts';
import type { FromPage, PageLocation } from '../protocol.ts';
import { review } from './approvals.ts';
import { notify } from './prompt.ts';
import { call, enter, isAtLeast, listen, openReport, readFile, readPoints, readReport } from './connection.ts';
import { editCard, editTags, pickVersion, promote, rollBack, showText } from './dialogs.ts';

const keptKey = 'plinth-kept';

/** Makes a browser the host of a page. The page's location is in the address, so that back, forward and bookmarks work. */
const host: PageHost = {
  call,
  callInBackground: call,
  readPoints,
  readReport,
  openReport,
  post: (message) => window.postMessage(message, location.origin),
  presentation: () => ({
    onlyDifferences: true,
    words: {},
    kept: parseKept(localStorage.getItem(keptKey)),
    canChange: isAtLeast('contributor'),
    canApprove: isAtLeast('approver'),
  }),
  open: (next) => {
    history.pushState(null, '', addressOf(next));
    return Promise.resolve(true);
  },
  relocated: (next) => history.replaceState(null, '', addressOf(next)),
  linkTo: (next) => new URL(addressOf(next), location.href).href,
  reportError: notify,
  keep: (key, value) => {
    const all = parseKept(localStorage.getItem(keptKey));
    localStorage.setItem(keptKey, JSON.stringify(withKept(all, key, value)));
  },
  copyText: async (text) => navigator.clipboard.writeText(text),
  saveFile,
  downloadFile,
  showText,
  dialogs: {
    promote: async (reference) => promote(reference, isAtLeast('admin')),
    review,
    rollBack,
    pickVersion,
    editCard,
    editTags,
  },
};

const home: PageLocation = { page: 'models' };
/** Undefined until the page has a token. */
let controller: PageController | undefined;

globalThis.plinthHost = { post: (message) => void receive(message), state: () => undefined, remember: () => undefined };

async function receive(message: FromPage): Promise<void> {
  if (message.kind === 'ready') return begin();
  await controller?.receive(message);
}

function addressOf(of: PageLocation): string {
  return `#${new URLSearchParams({ place: JSON.stringify(of) }).toString()}`;
}

/** Reads the location from the address. MLflow's client prints `#/experiments/1/runs/0123…` at the end of a run; `#/runs` can be typed. */
function locationInAddress(): PageLocation {
  const run = /^#\/experiments\/[^/]+\/runs\/([0-9a-f]{1,64})/.exec(location.hash)?.[1];
  if (run !== undefined) return { page: 'run', run };
  if (/^#\/runs\/?$/.test(location.hash)) return { page: 'runs' };
  try {
    const text = new URLSearchParams(location.hash.slice(1)).get('place');
    return text === null ? home : (JSON.parse(text) as PageLocation);
  } catch {
    return home;
  }
}

/** Connects. The one-time code is removed from the address. The first draw waits for the stream, so that no event in between is missed. */
async function begin(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  const asked = locationInAddress();
  history.replaceState(null, '', addressOf(asked));
  try {
    if (code === null) throw new Error(waitFor(asked));
    await enter(code);
  } catch (error) {
    return host.post({ kind: 'away', message: messageOf(error) });
  }
  const first = (asked.page === 'models' ? takeWanted() : undefined) ?? asked;
  history.replaceState(null, '', addressOf(first));
  const opened = new PageController(host, first);
  controller = opened;
  window.addEventListener('popstate', () => void opened.show(locationInAddress()));
  void listen(
    (message) => opened.follow(message),
    () => void opened.draw(),
    (reason) => opened.disconnected(reason),
  );
}

const wantedKey = 'plinth-wanted';
const wantedForMs = 10 * 60_000;

/** Stores for a while what a person without a session wanted to see, so that `plinth open` can go there. */
function waitFor(wanted: PageLocation): string {
  if (wanted.page === 'models') return 'Open this page with: plinth open';
  localStorage.setItem(wantedKey, JSON.stringify({ place: wanted, until: Date.now() + wantedForMs }));
  return 'To see this page, run this in a terminal: plinth open';
}

function takeWanted(): PageLocation | undefined {
  const text = localStorage.getItem(wantedKey);
  localStorage.removeItem(wantedKey);
  if (text === null) return undefined;
  const { place: wanted, until } = JSON.parse(text) as { place: PageLocation; until: number };
  return until > Date.now() ? wanted : undefined;
}

function saveFile({ name, type, content }: SavedFile): Promise<void> {
  saveBlob(name, new Blob([content as BlobPart], { type }));
  return Promise.resolve();
}

/** From this size on a download takes so long that a person wants to know that it goes on. */
const largeBytes = 20_000_000;

async function downloadFile(file: VersionFile): Promise<void> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const { model, version } = file;
  const { files } = await call('GET /models/:model/versions/:version', { model, version });
  const size = files.find(({ path }) => path === file.path || path === '')?.size ?? 0;
  if (size >= largeBytes) notify(l10n.t('Downloading {0}, {1}…', name, sizeText(size)));
  saveBlob(name, await readFile(file));
  if (size >= largeBytes) notify(l10n.t('Downloaded {0}.', name));
}

function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
