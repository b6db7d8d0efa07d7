import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect } from '../../daemon/clients/client/request.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { derivedDigest, rebuild } from '../../daemon/db/rebuild.ts';
import type { DaemonFile } from '../../daemon/protocol/handshake.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import type { Version } from '../../daemon/protocol/model.ts';
import { samples, temporary, until } from '../support/daemon.ts';
import { mainScript } from '../support/program.ts';

const kills = Number(process.env['PLINTH_KILLS'] ?? 10);
const artifacts = 200;

function start(data: string): ChildProcess {
  return spawn(process.execPath, [mainScript, 'serve', '--quiet', '--data', data], { stdio: 'ignore' });
}

async function running(data: string, pid: number | undefined): Promise<DaemonFile> {
  return until(async () => {
    const file = readDaemonFile(data);
    return file && file.pid === pid && (await isProven(file)) ? file : undefined;
  }, 'the daemon');
}

/** Collects everything that the stream reports as registered, by digest of the version. */
function listen(file: DaemonFile, acknowledged: Map<string, string>): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${file.port}/events`, {
    headers: { authorization: `Bearer ${file.token}` },
  });
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as StreamMessage;
    if (message.kind !== 'event' || message.event.type !== 'version.registered/1') return;
    acknowledged.set(`${message.event.model}@${message.event.number}`, JSON.stringify(message.event.body['digest']));
  });
  return socket;
}

/** Writes a real safetensors file with unique bytes. */
function save(out: string, index: number, template: Buffer): void {
  const bytes = Buffer.from(template);
  bytes.writeUInt32LE(index + 1, bytes.length - 4);
  const folder = join(out, `net-${index % 20}`, `run-${index}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors'), bytes);
}

test(
  `nothing acknowledged is lost, nothing dangles and nothing is there twice after ${kills} kills at random moments`,
  { timeout: 300_000 },
  async () => {
    const folder = temporary();
    const [data, out] = [join(folder, 'data'), join(folder, 'out')];
    mkdirSync(out);
    const template = readFileSync(join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors'));
    const acknowledged = new Map<string, string>();
    let daemon = start(data);
    onTestFinished(() => void daemon.kill('SIGKILL'));
    await connect(await running(data, daemon.pid), 'test').call('POST /roots', { path: out });
    for (let kill = 0, saved = 0; kill < kills; kill += 1) {
      const file = await running(data, daemon.pid);
      const socket = listen(file, acknowledged);
      const until200 = Math.ceil(((kill + 1) * artifacts) / kills);
      for (; saved < until200; saved += 1) save(out, saved, template);
      const before = acknowledged.size;
      if (kill % 8 === 0) await until(() => acknowledged.size > before, 'a version acknowledged');
      await sleep(((kill * 7919) % 97) * 8);
      daemon.kill('SIGKILL');
      await new Promise((resolve) => daemon.once('exit', resolve));
      socket.terminate();
      daemon = start(data);
    }
    const file = await running(data, daemon.pid);
    const client = connect(file, 'test');
    const versions = async (): Promise<Version[]> => {
      const { items } = await client.call('GET /models', { limit: 100 });
      const pages = await Promise.all(
        items.map((model) => client.call('GET /models/:model/versions', { model: model.name, limit: 500 })),
      );
      return pages.flatMap((page) => page.items);
    };
    await until(async () => (await versions()).length >= artifacts, 'every artifact', 60_000);
    await sleep(1500);
    const all = await versions();
    const digests = all.map((version) => version.digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(all).toHaveLength(artifacts);
    const byName = new Map(all.map((version) => [`${version.model}@${version.number}`, version.digest]));
    const lost = [...acknowledged].filter(([name, digest]) => JSON.stringify(byName.get(name)) !== digest);
    expect(lost).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(kills / 10);
    const report = await client.call('POST /verify', {});
    expect(report.faults).toEqual([]);
    daemon.kill('SIGTERM');
    await new Promise((resolve) => daemon.once('exit', resolve));
    const db = openDatabase(data);
    const before = derivedDigest(db);
    rebuild(db);
    expect(derivedDigest(db)).toBe(before);
    db.close();
  },
);
