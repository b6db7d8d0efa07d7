import { loadView } from '../load-view.ts';
import { runFolderIn, splitReference } from '../../daemon/shared/references.ts';
import { messageOf } from '../../daemon/errors.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import type { FromPage, PageState, Place, ToPage } from '../protocol.ts';
import { approve, askApproval, reject } from './approvals.ts';
import { tell } from './prompt.ts';
import { call, enter, hasEntered, isAtLeast, listen, readPoints } from './connection.ts';
import { chooseVersion, editCard, promote, rollBack, showText } from './dialogs.ts';

/** Plays the extension's part in a browser: reads views over REST, hears the stream, does what the person wants. */

const renderAfterMs = 150;
/** Live runs are told of several times a second, and all of their saves are read. */
const runsAfterMs = 1000;
const home: Place = { page: 'models' };
const gone = 'The registry service does not answer. This page comes back by itself when it does.';

let place: Place = home;
let timer: ReturnType<typeof setTimeout> | undefined;

globalThis.plinthHost = { post: (message) => void hear(message), state: () => undefined, remember };

function say(message: ToPage): void {
  window.postMessage(message, location.origin);
}

/** The place stands in the address, so that back, forward and a bookmark work; the code never stays there. */
function remember({ place: now }: PageState): void {
  place = now;
}

function addressOf(of: Place): string {
  return `#${new URLSearchParams({ place: JSON.stringify(of) }).toString()}`;
}

/** `#/experiments/1/runs/0123…` is what MLflow's client prints at the end of a run; `#/runs` can be typed. */
function placeInAddress(): Place {
  const run = /^#\/experiments\/[^/]+\/runs\/([0-9a-f]{1,64})/.exec(location.hash)?.[1];
  if (run !== undefined) return { page: 'run', run };
  if (/^#\/runs\/?$/.test(location.hash)) return { page: 'runs' };
  try {
    const text = new URLSearchParams(location.hash.slice(1)).get('place');
    return text === null ? home : (JSON.parse(text) as Place);
  } catch {
    return home;
  }
}

async function begin(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  place = placeInAddress();
  history.replaceState(null, '', addressOf(place));
  try {
    if (code === null) throw new Error(waitFor(place));
    await enter(code);
  } catch (error) {
    return say({ kind: 'away', message: messageOf(error) });
  }
  const wanted = place.page === 'models' ? takeWanted() : undefined;
  if (wanted) {
    place = wanted;
    history.replaceState(null, '', addressOf(place));
  }
  window.addEventListener('popstate', () => void show(placeInAddress()));
  await render();
  let wasLost = false;
  const back = (): void => {
    if (wasLost) void render();
    wasLost = false;
  };
  const lost = (): void => {
    wasLost = true;
    say({ kind: 'away', message: gone });
  };
  void listen(heard, back, lost);
}

const wantedKey = 'plinth-wanted';
const wantedForMs = 10 * 60_000;

/** What somebody without a session wanted to see is kept for a while: `plinth open` goes there. */
function waitFor(wanted: Place): string {
  if (wanted.page === 'models') return 'Open this page with: plinth open';
  localStorage.setItem(wantedKey, JSON.stringify({ place: wanted, until: Date.now() + wantedForMs }));
  return 'To see this page, run this in a terminal: plinth open';
}

function takeWanted(): Place | undefined {
  const text = localStorage.getItem(wantedKey);
  localStorage.removeItem(wantedKey);
  if (text === null) return undefined;
  const { place: wanted, until } = JSON.parse(text) as { place: Place; until: number };
  return until > Date.now() ? wanted : undefined;
}

async function show(next: Place): Promise<void> {
  place = next;
  await render();
}

function heard(message: StreamMessage): void {
  if (message.kind === 'progress' && message.task === 'tensors')
    return say({ kind: 'progress', done: message.done, total: message.total });
  const isLive =
    place.page === 'compare' && message.kind === 'run' && place.versions.some((one) => runFolderIn(one) !== undefined);
  const isRun = place.page === 'run' && message.kind === 'run';
  if (place.page === 'runs' && isAboutRuns(message)) timer ??= setTimeout(() => void render(), runsAfterMs);
  const isOurs = message.kind === 'resync' || (message.kind === 'event' && isAbout(message.event.model));
  if (isOurs || isLive || isRun) timer ??= setTimeout(() => void render(), renderAfterMs);
}

function isAboutRuns(message: StreamMessage): boolean {
  return message.kind === 'run' || (message.kind === 'artifact' && message.artifact.run !== null);
}

function isAbout(model: string | null): boolean {
  if (place.page === 'models') return true;
  if (place.page === 'compare') return place.versions.some((one) => one.startsWith(`${model}@`));
  return 'model' in place && place.model === model;
}

async function render(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (!hasEntered()) return;
  try {
    say({
      kind: 'render',
      view: await loadView(call, place),
      onlyDifferences: true,
      words: {},
      canChange: isAtLeast('contributor'),
      canApprove: isAtLeast('approver'),
      editor: false,
    });
  } catch (error) {
    say({ kind: 'away', message: messageOf(error) });
  }
}

async function hear(message: FromPage): Promise<void> {
  try {
    await act(message);
  } catch (error) {
    tell(messageOf(error));
  }
}

async function act(message: FromPage): Promise<unknown> {
  switch (message.kind) {
    case 'ready':
      return begin();
    case 'open':
      history.pushState(null, '', addressOf(message.place));
      return show(message.place);
    case 'curves':
      return Promise.all(message.metrics.map((metric) => sendCurves(message, metric)));
    case 'promote':
      return promote(message.reference, isAtLeast('admin'));
    case 'askApproval':
      return askApproval(message.reference, message.pointer);
    case 'approve':
      return approve(message.reference, message.pointer);
    case 'reject':
      return reject(message.reference, message.pointer);
    case 'rollBack':
      return rollBack(message.model, message.pointer, message.name);
    case 'add': {
      const version = await chooseVersion(
        splitReference(message.versions.find((one) => runFolderIn(one) === undefined) ?? '').model,
      );
      return (
        version &&
        act({ kind: 'open', place: { page: 'compare', versions: [...new Set([...message.versions, version])] } })
      );
    }
    case 'captured':
      return showCaptured(message);
    case 'norms':
      return measure(message);
    case 'cancel':
      return call('POST /tensors/cancel', { job: message.job });
    case 'editCard':
      return editCard(message.model);
    case 'identify':
      return tell((await call('GET /identify', { path: message.path })).sentence);
    case 'copy':
      return navigator.clipboard.writeText(message.text);
    case 'save':
      return save(message);
    case 'differences':
    case 'references':
    case 'export':
      return undefined;
  }
}

async function measure({ baseline, candidate, job }: FromPage & { kind: 'norms' }): Promise<void> {
  say({ kind: 'progress', done: 0, total: 1 });
  say({ kind: 'norms', norms: await call('POST /tensors/compare', { baseline, candidate, job, norms: true }) });
}

async function sendCurves({ versions, points }: FromPage & { kind: 'curves' }, metric: string): Promise<void> {
  say({ kind: 'series', metric, columns: await readPoints(versions, metric, points) });
}

async function showCaptured({ reference, path }: FromPage & { kind: 'captured' }): Promise<void> {
  const { model, version = '' } = splitReference(reference);
  const { text } = await call('GET /models/:model/versions/:version/captured', { model, version, path });
  await showText(path, text);
}

function save({ name, type, content }: FromPage & { kind: 'save' }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  link.download = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  link.click();
  URL.revokeObjectURL(link.href);
}
