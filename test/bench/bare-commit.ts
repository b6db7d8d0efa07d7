import Sqlite from 'better-sqlite3';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asker, type Target } from './mlflow-server.ts';
import { cpuSeconds, pssMb } from './place.ts';

/**
 * The least work for a service that answers once a request is on disk: a bare `node:http` server in a process of its own, which
 * parses the body, commits one row with `synchronous = FULL`, and answers.
 */
export async function bareCommit(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const child = fork(import.meta.filename, ['serve', join(folder, 'bare.db')]);
  const [port] = (await once(child, 'message')) as [number];
  const agent = new Agent({ keepAlive: true });
  const end = async (): Promise<void> => {
    agent.destroy();
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const [memory, cpu] = [(): number => pssMb(child.pid), (): number => cpuSeconds(child.pid)];
  return { name: 'bare', readyMs: 0, memory, cpu, ask: asker(port, 'none', agent), end };
}

function serve(file: string): void {
  const db = new Sqlite(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE row (body TEXT)');
  const insert = db.prepare('INSERT INTO row VALUES (?)');
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      insert.run(JSON.stringify(JSON.parse(Buffer.concat(parts).toString())));
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

if (process.argv[2] === 'serve') serve(process.argv[3] ?? '');
