import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findDaemon, readDaemonFile } from '../../client/discover.ts';
import { endOld } from '../../client/old-service.ts';
import { connect } from '../../client/request.ts';
import { Unavailable } from '../../client/unavailable.ts';
import type { Open, Session } from '../session.ts';

const withinMs = 10_000;
const pollMs = 25;

export function stop(program: Command, open: Open): void {
  program
    .command('stop')
    .description('stop the registry service')
    .action(async () => {
      const session = open();
      const daemon = await findDaemon(session.dataFolder);
      const file = readDaemonFile(session.dataFolder);
      if (!daemon && file && file.proofKey === undefined) {
        await endOld(file, withinMs);
        return session.print({ stopping: true }, () => ['stopped']);
      }
      if (!daemon)
        return session.print({ stopping: false }, () => [`no registry service runs on ${session.dataFolder}`]);
      const reply = await connect(daemon, 'cli').call('POST /stop', {});
      await waitForEnd(session, daemon.pid);
      session.print(reply, () => ['stopped']);
    });
}

/** Waits until the service's process has ended, so that the data folder is free. */
async function waitForEnd(session: Session, pid: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline)
      throw new Unavailable(`process ${pid} on ${session.dataFolder} has not ended yet; it finishes what it is doing`);
    await sleep(pollMs);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** True for a process that has ended but was not reaped by its parent, as in a container without an init process. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
}
