import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import type { Version } from '../../daemon/protocol/model.ts';
import { families } from './families.ts';
import { bytesOf, perform, saltsOf, type Act } from './writer.ts';

const wanted = Number(process.argv[2] ?? 10_000);
const killEveryMs = 12_000;
const atOnce = 12;
const quietMs = 8000;

const folder = mkdtempSync(join(tmpdir(), 'plinth-saves-'));
const [data, out] = [join(folder, 'data'), join(folder, 'out')];
mkdirSync(out);

let seed = Number(process.argv[3] ?? 1);
/** Returns numbers that look random, but are the same for the same seed (xorshift). */
function random(below: number): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % below;
}

function acts(): Act[] {
  const kinds: Act['kind'][] = ['plain', 'plain', 'plain', 'pieces', 'renamed', 'rewritten', 'rotated', 'killed'];
  const made: Act[] = [];
  for (let saves = 0, salt = 1; saves < wanted; salt += 10) {
    const kind = kinds[random(kinds.length)]!;
    const act: Act = {
      kind,
      folder: join(out, `churn-${made.length}x`),
      family: random(families.length),
      salt,
      pauseMs: 10 + random(300),
    };
    made.push(act);
    saves += saltsOf(act).length;
  }
  return made;
}

function start(): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'serve.ts'), data], { stdio: 'inherit' });
}

async function client(): Promise<Client | undefined> {
  const file = readDaemonFile(data);
  return file && (await isProven(file)) ? connect(file, 'test') : undefined;
}

async function reached(): Promise<Client> {
  for (;;) {
    const found = await client();
    if (found) return found;
    await sleep(50);
  }
}

/** Runs a training in a process of its own, whose end can be seen, or which is killed. */
async function performApart(act: Act): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), JSON.stringify(act)], {
    stdio: 'inherit',
  });
  await new Promise((resolve) => child.once('exit', resolve));
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function everyVersion(from: Client): Promise<{ version: Version; sha: string }[]> {
  const found: { version: Version; sha: string }[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await from.call('GET /models', { limit: 500, ...(cursor ? { cursor } : {}) });
    for (const { name } of page.items) {
      const { items } = await from.call('GET /models/:model/versions', { model: name, limit: 500 });
      for (const version of items) {
        const of = { model: name, version: String(version.number) };
        const { files } = await from.call('GET /models/:model/versions/:version', of);
        found.push({ version, sha: files[0]?.sha256 ?? '' });
      }
    }
    cursor = page.next;
  }
  return found;
}

async function quiet(): Promise<Client> {
  for (let since = Date.now(), last = -1; ; await sleep(500)) {
    const here = await reached();
    const status = await here.call('GET /status', {});
    if (status.seq !== last || !status.isIdle) since = Date.now();
    last = status.seq;
    if (Date.now() - since > quietMs) return here;
  }
}

let daemon = start();
await (await reached()).call('POST /roots', { path: out });
let kills = 0;
const killing = setInterval(() => {
  kills += 1;
  daemon.kill('SIGKILL');
  daemon = start();
}, killEveryMs);
const all = acts();
const queue = [...all];
const began = performance.now();
const apart = new Set<Act['kind']>(['rewritten', 'rotated', 'killed']);
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let act = queue.pop(); act; act = queue.pop()) await (apart.has(act.kind) ? performApart(act) : perform(act));
  }),
);
clearInterval(killing);
const wroteMs = performance.now() - began;
const versions = await everyVersion(await quiet());
const verified = await (await reached()).call('POST /verify', {});

const whole = new Map(
  all.flatMap((act) =>
    act.kind === 'killed' ? [] : saltsOf(act).map((salt) => [sha(bytesOf(act, salt)), act] as const),
  ),
);
const torn = versions.filter((one) => !whole.has(one.sha));
const registered = new Set(versions.map((one) => one.sha));
const lost = all.filter((act) => act.kind !== 'killed' && !registered.has(sha(bytesOf(act, saltsOf(act).at(-1)!))));
const twice = versions.length - new Set(versions.map((one) => `${one.version.model} ${one.sha}`)).size;
const saves = all.reduce((sum, act) => sum + saltsOf(act).length, 0);
console.log(
  `${saves} saves of ${families.length} families by ${all.length} writers in ${(wroteMs / 1000).toFixed(0)} s, ${kills} kills of the daemon: ` +
    `${versions.length} versions, ${torn.length} torn, ${lost.length} lost, ${twice} twice; verify ${verified.ok ? 'sound' : 'NOT SOUND'}`,
);
for (const { version } of torn.slice(0, 5))
  console.log(`torn: ${version.model}@${version.number} ${version.source.path}`);
for (const act of lost.slice(0, 10)) {
  const path = join(act.folder, `model${families[act.family]!.ending}`);
  const why = await (await reached()).call('GET /why', { path });
  console.log(`lost: ${act.kind} ${path}: ${why.artifact?.state} ${why.reason}`);
}
daemon.kill('SIGTERM');
rmSync(folder, { recursive: true, force: true });
process.exitCode = torn.length + lost.length + twice > 0 || !verified.ok ? 1 : 0;
