import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { follow } from '../../../daemon/clients/client/follow.ts';
import { PageController } from '../../../webview/page-host/page-controller.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import type { PageHost } from '../../../webview/page-host/page-host.ts';
import type { FromPage, PageLocation, ToPage } from '../../../webview/protocol.ts';
import { openPage } from '../../browser/open-page.ts';
import { startService, samples, threeVersions, until, type TestService } from '../../support/daemon.ts';
import { hasBrowser, openBrowser } from '../../vscode/browser.ts';

/** The page's side of a host, as a test uses it. */
interface Driven {
  send(message: FromPage): Promise<void>;
  posted(): Promise<ToPage[]>;
}

let browser: Browser | undefined;
beforeAll(async () => {
  if (hasBrowser()) browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

/** A host with a panel for each location, as an editor has, using the extension's client. `done` lists what it was told to do. */
interface PanelHost extends Driven {
  controller: PageController;
  host: PageHost;
  done: unknown[];
}

function panel({ client, daemon }: TestService, location: PageLocation, own: Partial<PageHost> = {}): PanelHost {
  const [messages, done]: [ToPage[], unknown[]] = [[], []];
  const note =
    (what: string) =>
    async (...values: unknown[]): Promise<void> =>
      Promise.resolve(void done.push([what, ...values]));
  const host: PageHost = {
    call: client.call,
    callInBackground: client.call,
    readPoints: client.points,
    readReport: client.report,
    openReport: () => Promise.resolve(),
    post: (message) => void messages.push(message),
    keep: (key, value) => void done.push(['keep', key, value]),
    presentation: () => ({ onlyDifferences: true, words: {}, kept: {}, canChange: true, canApprove: true }),
    open: (next, current) => {
      done.push(['open', next]);
      return Promise.resolve(next.page === 'compare' && current.page === 'compare');
    },
    linkTo: (of) => JSON.stringify(of),
    reportError: (text) => void done.push(['error', text]),
    copyText: note('copy'),
    saveFile: note('save'),
    downloadFile: note('download'),
    showText: note('text'),
    dialogs: {
      promote: note('promote'),
      review: note('review'),
      rollBack: note('rollBack'),
      editCard: note('editCard'),
      editTags: note('editTags'),
      pickVersion: (versions, runs) => {
        done.push(['pick', versions.map(({ number }) => number), runs.length]);
        return Promise.resolve(undefined);
      },
    },
    editor: {
      showDifferences: note('differences'),
      findReferences: note('references'),
      exportComparison: note('export'),
      editPolicy: note('editPolicy'),
      showTextDifference: note('textDifference'),
    },
    ...own,
  };
  const controller = new PageController(host, location);
  const follower = follow({
    find: () => Promise.resolve(daemon.file),
    onMessage: (message) => {
      if (message.kind === 'hello') controller.connected();
      controller.follow(message);
    },
    onLost: (reason) => controller.disconnected(reason),
  });
  onTestFinished(() => {
    follower.close();
    controller.close();
  });
  return {
    controller,
    host,
    done,
    send: (message) => controller.receive(message),
    posted: () => Promise.resolve(messages),
  };
}

async function readyPanel(at: TestService, location: PageLocation, own: Partial<PageHost> = {}): Promise<PanelHost> {
  const opened = panel(at, location, own);
  await opened.send({ kind: 'ready' });
  return opened;
}

/** Makes the host of a real browser, whose page has already sent `ready`. */
async function browserPage(at: TestService, location: PageLocation): Promise<Driven> {
  const before = `globalThis.posted = []; window.addEventListener('message', ({ data }) => globalThis.posted.push(data));`;
  const { page } = await openPage(browser!, at, location, { before });
  return {
    send: (message) => page.evaluate(`globalThis.plinthHost.post(${JSON.stringify(message)})`),
    posted: () => page.evaluate('globalThis.posted'),
  };
}

/** Waits for a message that came after the first `from` ones. */
async function posted<K extends ToPage['kind']>(
  { posted: read }: Driven,
  kind: K,
  from = 0,
  fits: (message: ToPage & { kind: K }) => boolean = () => true,
): Promise<ToPage & { kind: K }> {
  const isIt = (message: ToPage): message is ToPage & { kind: K } =>
    message.kind === kind && fits(message as ToPage & { kind: K });
  return until(async () => (await read()).slice(from).find(isIt), `a message ${kind}`);
}

const hosts = [
  ['a panel', readyPanel],
  ['a browser', browserPage],
] as const;

describe.each(hosts)('a page in %s', (name, open) => {
  const skips = name === 'a browser' && !hasBrowser();

  test.skipIf(skips)(
    'is drawn when it is ready and again when an event is about its model',
    async () => {
      const at = await startService();
      await threeVersions(at.client);
      const page = await open(at, { page: 'model', model: 'iris' });
      const first = await posted(page, 'render');
      expect(first.view).toMatchObject({ page: 'model', model: { name: 'iris' } });
      expect(first.editor).toBe(name === 'a panel');
      const before = (await page.posted()).length;
      const text = 'Only flowers.';
      await at.client.call('POST /models/:model/card', { model: 'iris', text });
      const again = await posted(
        page,
        'render',
        before,
        ({ view }) => view.page === 'model' && view.card.text === text,
      );
      expect(again.view).toMatchObject({ card: { text } });
    },
    60_000,
  );

  test.skipIf(skips)(
    'gets its curves, one message a metric',
    async () => {
      const at = await startService();
      await threeVersions(at.client);
      const versions = ['iris@1', 'iris@3'];
      const page = await open(at, { page: 'compare', versions });
      await page.send({ kind: 'curves', versions, metrics: ['a', 'b'], points: 100 });
      expect((await posted(page, 'series', 0, ({ metric }) => metric === 'b')).columns).toHaveLength(2);
      expect((await posted(page, 'series', 0, ({ metric }) => metric === 'a')).columns).toHaveLength(2);
    },
    60_000,
  );

  test.skipIf(skips)(
    'shows another comparison in its place',
    async () => {
      const at = await startService();
      await threeVersions(at.client);
      const page = await open(at, { page: 'compare', versions: ['iris@1', 'iris@3'] });
      await page.send({ kind: 'open', place: { page: 'compare', versions: ['iris@2', 'iris@3'] } });
      const { view } = await posted(
        page,
        'render',
        0,
        (message) => message.view.page === 'compare' && message.view.comparison.versions[0] === 'iris@2',
      );
      expect(view).toMatchObject({ comparison: { versions: ['iris@2', 'iris@3'] } });
    },
    60_000,
  );

  test.skipIf(skips)(
    'measures tensors, and hears of no other page’s measuring',
    async () => {
      const at = await startService();
      for (const one of ['digits-mlp-a', 'digits-mlp-b'])
        await at.client.call('POST /register', {
          path: join(samples, 'pytorch', one, 'model.safetensors'),
          model: 'digits',
        });
      const [baseline, candidate] = ['digits@1', 'digits@2'];
      const page = await open(at, { page: 'compare', versions: [baseline, candidate] });
      await at.client.call('POST /tensors/compare', { baseline, candidate, job: 'another', norms: true });
      await page.send({ kind: 'norms', baseline, candidate, job: 'own' });
      expect((await posted(page, 'norms')).norms).toMatchObject({ baseline, candidate, cancelled: false });
      const progress = (await page.posted()).filter(({ kind }) => kind === 'progress');
      expect(progress[0]).toMatchObject({ done: 0, total: 1 });
      await page.send({ kind: 'norms', baseline, candidate: 'digits@9', job: 'failing' });
      await posted(page, 'norms-failed');
    },
    60_000,
  );

  test.skipIf(skips)(
    'says which version a file is',
    async () => {
      const at = await startService();
      await threeVersions(at.client);
      const path = join(samples, 'sklearn', 'iris-script', 'outputs', 'v2', 'model.joblib');
      const page = await open(at, { page: 'inspect', path });
      await page.send({ kind: 'identify', path });
      const known = await posted(page, 'render', 0, ({ view }) => view.page === 'inspect' && view.known !== null);
      expect(known.view).toMatchObject({ page: 'inspect', path, known: ['iris@2'] });
    },
    60_000,
  );

  test.skipIf(skips)(
    'keeps what it shows while the service is away, with the reason',
    async () => {
      const at = await startService();
      await threeVersions(at.client);
      const page = await open(at, { page: 'model', model: 'iris' });
      await page.send({ kind: 'curves', versions: ['iris@1'], metrics: ['a'], points: 100 });
      await posted(page, 'series');
      await at.daemon.stop();
      expect((await posted(page, 'away')).message).toBeTypeOf('string');
    },
    60_000,
  );
});

describe('what a controller leaves to its host', () => {
  test('a location that the host opens elsewhere changes nothing here', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const page = await readyPanel(at, { page: 'model', model: 'iris' });
    const before = (await page.posted()).length;
    await page.send({ kind: 'open', place: { page: 'models' } });
    expect(page.done).toEqual([['open', { page: 'models' }]]);
    expect(page.controller.location).toEqual({ page: 'model', model: 'iris' });
    expect(await page.posted()).toHaveLength(before);
  });

  test('a slow draw of a location that was left is not shown', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const slow = Promise.withResolvers<void>();
    const page = panel(
      at,
      { page: 'version', model: 'iris', version: '1' },
      {
        callInBackground: async (route, request) => {
          if ('version' in request && request.version === '1') await slow.promise;
          return at.client.call(route, request);
        },
      },
    );
    const first = page.send({ kind: 'ready' });
    await page.controller.show({ page: 'version', model: 'iris', version: '2' });
    slow.resolve();
    await first;
    const shown = (await page.posted()).flatMap((one) =>
      one.kind === 'render' && one.view.page === 'version' ? [one.view.detail.version.number] : [],
    );
    expect(new Set(shown)).toEqual(new Set([2]));
  });

  test('events that come faster than a page is read do not keep it from being shown, and no older view follows a newer one', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const reads: PromiseWithResolvers<void>[] = [];
    const page = panel(
      at,
      { page: 'models' },
      {
        callInBackground: async (route, request) => {
          const read = Promise.withResolvers<void>();
          if (route === 'GET /models') reads.push(read);
          else read.resolve();
          const reply = await at.client.call(route, request);
          await read.promise;
          return reply;
        },
      },
    );
    const draws = [page.controller.draw(), page.controller.draw(), page.controller.draw()];
    await until(() => reads.length >= 3, 'three reads');
    const renders = async (): Promise<number> => (await page.posted()).filter(({ kind }) => kind === 'render').length;
    reads[1]?.resolve();
    await draws[1];
    expect(await renders()).toBe(1);
    reads[0]?.resolve();
    await draws[0];
    expect(await renders()).toBe(1);
    reads[2]?.resolve();
    await draws[2];
    expect(await renders()).toBe(2);
  });

  test('what a person set on a page is left to the host, and comes with the next view', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const kept: Record<string, Json> = {};
    const page = await readyPanel(
      at,
      { page: 'compare', versions: ['iris@1', 'iris@2'] },
      {
        keep: (key, value) => void (kept[key] = value),
        presentation: () => ({ onlyDifferences: true, words: {}, kept, canChange: true, canApprove: true }),
      },
    );
    await page.send({ kind: 'keep', key: 'arrangement:iris', value: { size: 'S' } });
    await page.controller.draw();
    const last = (await page.posted()).findLast((message) => message.kind === 'render');
    expect(last).toMatchObject({ kept: { 'arrangement:iris': { size: 'S' } } });
  });

  test('the numbers of a tensor are read for the page, and why they are not known', async () => {
    const at = await startService();
    const page = await readyPanel(at, { page: 'models' });
    const path = join(samples, 'pytorch/digits-mlp-a/model.pt');
    await page.send({ kind: 'describeTensor', path, tensor: 'fc2.bias', job: 'a' });
    expect(await posted(page, 'tensor')).toMatchObject({ job: 'a', statistics: { shape: [10], numbers: { nan: 0 } } });
    await page.send({ kind: 'describeTensor', path: join(at.folder, 'gone.pt'), tensor: 'x', job: 'b' });
    expect(await posted(page, 'tensor', 0, ({ job }) => job === 'b')).toMatchObject({
      problem: expect.stringContaining('does not exist'),
    });
    const [stopped, begun]: [unknown[], unknown[]] = [[], []];
    const call = async (route: string, request: object): Promise<unknown> => {
      if (route === 'POST /tensors/cancel') stopped.push(request);
      else begun.push(request);
      return route === 'POST /tensors/describe' ? new Promise(() => undefined) : {};
    };
    const slow = panel(at, { page: 'models' }, { call, callInBackground: call } as unknown as Partial<PageHost>);
    void slow.send({ kind: 'describeTensor', path, tensor: 'fc1.bias', job: 'c' });
    void slow.send({ kind: 'describeTensor', path, tensor: 'fc2.bias', job: 'd' });
    slow.controller.close();
    expect(stopped).toEqual([{ job: 'c' }, { job: 'd' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun, 'nothing is read for a tensor that was left, nor for a closed page').toEqual([]);
  });

  test('a closed page is sent nothing more', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const page = await readyPanel(at, { page: 'models' });
    const before = (await page.posted()).length;
    page.controller.close();
    await page.controller.draw();
    page.controller.disconnected('The service left.');
    expect(await page.posted()).toHaveLength(before);
  });

  test('a page that fell behind is drawn again when the service answers', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const page = await readyPanel(at, { page: 'models' });
    page.controller.disconnected('The service left.');
    const before = (await page.posted()).length;
    expect((await page.posted()).at(-1)).toEqual({ kind: 'away', message: 'The service left.' });
    page.controller.connected();
    await posted(page, 'render', before);
  });

  test('dialogs get the stage or alias by kind and name, and a pointer as it is now', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const request = { model: 'iris', version: '2', alias: 'champion' };
    await at.client.call('POST /models/:model/versions/:version/promote', request);
    const page = await readyPanel(at, { page: 'model', model: 'iris' });
    await page.send({ kind: 'promote', reference: 'iris@2' });
    await page.send({ kind: 'approve', reference: 'iris@2', pointer: '@champion' });
    await page.send({ kind: 'reject', reference: 'iris@2', pointer: 'production' });
    await page.send({ kind: 'rollBack', model: 'iris', pointer: 'alias', name: 'champion' });
    await page.send({ kind: 'rollBack', model: 'iris', pointer: 'alias', name: 'gone' });
    await page.send({ kind: 'differences', versions: ['iris@1', 'iris@2', 'iris@3'] });
    expect(page.done).toEqual([
      ['promote', 'iris@2'],
      ['review', 'approve', 'iris@2', { kind: 'alias', name: 'champion' }],
      ['review', 'reject', 'iris@2', { kind: 'stage', name: 'production' }],
      ['rollBack', 'iris', expect.objectContaining({ kind: 'alias', name: 'champion', holder: 2 })],
      ['differences', 'iris@1', 'iris@3'],
    ]);
  });

  test('only versions that are not compared yet are offered, and the chosen one is added', async () => {
    const at = await startService();
    await threeVersions(at.client);
    const page = await readyPanel(at, { page: 'compare', versions: ['iris@1', 'iris@3'] });
    await page.send({ kind: 'add', versions: ['iris@1', 'iris@3'] });
    expect(page.done).toEqual([['pick', [2], 0]]);
    const { dialogs } = page.host;
    const chosen = { ...dialogs, pickVersion: () => Promise.resolve('iris@2') };
    const other = await readyPanel(at, { page: 'compare', versions: ['iris@1', 'iris@3'] }, { dialogs: chosen });
    await other.send({ kind: 'add', versions: ['iris@1', 'iris@3'] });
    expect(other.controller.location).toEqual({ page: 'compare', versions: ['iris@1', 'iris@3', 'iris@2'] });
  });

  test('a saved file has no name that leads into another folder, and no copied text is without end', async () => {
    const at = await startService();
    const page = await readyPanel(at, { page: 'models' });
    await page.send({ kind: 'save', name: '../../etc/a b.csv', type: 'text/csv', content: 'a' });
    await page.send({ kind: 'copy', text: 'x'.repeat(1_000_000) });
    expect(page.done).toEqual([
      ['save', expect.objectContaining({ name: '..-..-etc-a-b.csv', type: 'text/csv', content: 'a' })],
      ['copy', 'x'.repeat(200_000)],
    ]);
  });

  test('what the service refuses is reported, in its sentence', async () => {
    const at = await startService();
    const page = await readyPanel(at, { page: 'models' });
    await page.send({ kind: 'captured', reference: 'gone@1', path: 'a.diff' });
    expect(page.done).toEqual([['error', expect.stringContaining('gone')]]);
  });
});
