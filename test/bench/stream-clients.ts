import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply } from '../../daemon/db/apply/apply.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { append } from '../../daemon/db/log.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { cpuSeconds, percentile, placeOn, pssMb, row, type Place, type Row } from './place.ts';

const healthy = 900;
const dead = 100;
const oldEvents = 100_000;
const rounds = 40;
const everyMs = 50;

/** Measures a thousand clients of the stream, some of which request the full log and read nothing. */
export async function streamClients(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const logId = fill(folder);
  const here = await placeOn(folder);
  const agent = new Agent({ keepAlive: true });
  await tag(here, agent, 0);
  await sleep(3000);
  const before = pssMb(here.process.pid);
  const resumers = Array.from({ length: dead }, () => follow(here, `?log=${logId}&after=0`).pause());
  const listeners: Listener[] = [];
  for (let n = 0; n < healthy; n += 1) listeners.push(listen(here));
  await until(() => listeners.every(({ isGreeted }) => isGreeted()));
  const peaks: number[] = [];
  const watch = setInterval(() => peaks.push(pssMb(here.process.pid)), 100);
  const cpu = cpuSeconds(here.process.pid);
  const times: number[] = [];
  for (let n = 1; n <= rounds; n += 1) {
    const began = performance.now();
    const heard = Promise.all(listeners.map(({ heard: next }) => next(`"value":"v${n}"`)));
    const answered = tag(here, agent, n);
    times.push(...(await heard).map((at) => at - began));
    await answered;
    await sleep(everyMs);
  }
  const own = (1000 * (cpuSeconds(here.process.pid) - cpu)) / rounds;
  clearInterval(watch);
  const more = percentile(peaks, 1) - before;
  const p99 = percentile(times, 0.99);
  for (const socket of [...resumers, ...listeners.map((one) => one.socket)]) socket.destroy();
  agent.destroy();
  await here.end();
  rmSync(folder, { recursive: true, force: true });
  const what = `${healthy} clients of the stream and ${dead} that resume from the beginning and read nothing`;
  return [
    row(`${what}: memory more, peak PSS`, '≤ + 30 MB', `+ ${more.toFixed(0)} MB (from ${before.toFixed(0)})`, more <= 30),
    row('an event asked for → a client has heard of it, p99', '≤ 100 ms', `${p99.toFixed(0)} ms (median ${percentile(times, 0.5).toFixed(0)}; ${own.toFixed(1)} ms of the service's CPU an event)`, p99 <= 100),
  ]; // prettier-ignore
}

function fill(folder: string): string {
  const db = openDatabase(folder);
  const add = (event: NewEvent): void => apply(db, append(db, event, 1, 'bench'));
  db.raw.transaction(() => {
    add({ type: 'model.created/1', body: { model: 'm', name: 'm' } });
    for (let n = 1; n < oldEvents; n += 1)
      add({ type: 'model.tagged/1', body: { model: 'm', key: `k${n % 10}`, value: `${n} `.repeat(20) } });
  })();
  const { logId } = db;
  db.close();
  return logId;
}

/** Opens a raw connection, since a thousand clients of a library would keep this process too busy to measure another one. */
function follow({ file }: Place, query: string): Socket {
  const socket = connect(file.port, '127.0.0.1');
  const lines = [
    `GET /events${query} HTTP/1.1`,
    `host: 127.0.0.1:${file.port}`,
    `authorization: Bearer ${file.token}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

interface Listener {
  socket: Socket;
  isGreeted(): boolean;
  /** Resolves with the time at which a text came. */
  heard(text: string): Promise<number>;
}

function listen(here: Place): Listener {
  const socket = follow(here, '');
  let isGreeted = false;
  let wanted: { text: string; resolve: (at: number) => void } | undefined;
  socket.on('data', (bytes: Buffer) => {
    isGreeted ||= bytes.includes('"kind":"hello"');
    if (!wanted || !bytes.includes(wanted.text)) return;
    wanted.resolve(performance.now());
    wanted = undefined;
  });
  return {
    socket,
    isGreeted: () => isGreeted,
    heard: (text) => new Promise((resolve) => (wanted = { text, resolve })),
  };
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(20);
}

function tag({ file }: Place, agent: Agent, n: number): Promise<void> {
  const body = JSON.stringify({ key: 'n', value: `v${n}` });
  const headers = {
    authorization: `Bearer ${file.token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const options = { agent, host: '127.0.0.1', port: file.port, method: 'POST', path: '/models/m/tag', headers };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      if (response.statusCode === 200) response.resume().on('end', resolve);
      else reject(new Error(`a tag was answered with ${response.statusCode}`));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
