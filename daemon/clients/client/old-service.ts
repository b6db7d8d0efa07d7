import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonFile } from '../../protocol/handshake.ts';
import { isRunning } from './discover.ts';
import { Unavailable } from './unavailable.ts';

const pollMs = 25;

/**
 * Stops a service that is too old to prove its identity without sending it a token: by a signal, and only if a process of this
 * user is seen listening on the port in daemon.json. Throws `Unavailable` with a remedy if that cannot be seen.
 */
export async function endOld({ pid, port }: DaemonFile, withinMs: number): Promise<void> {
  if (!listens(pid, port)) {
    const what = `what answers on port ${port} cannot prove to be the registry service, and no token was sent to it`;
    throw new Unavailable(
      isRunning(pid)
        ? `${what}; if process ${pid} is a service of an older Plinth, end that process and try again`
        : `${what}; remove daemon.json from the data folder and try again`,
    );
  }
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + withinMs;
  while (isRunning(pid) && listens(pid, port)) {
    if (performance.now() > deadline)
      throw new Unavailable(`process ${pid}, a service of an older Plinth, has not ended yet; try again when it has`);
    await sleep(pollMs);
  }
}

/** Returns true if a process of this user holds the listening socket of a port (Linux); false if that cannot be seen. */
function listens(pid: number, port: number): boolean {
  try {
    if (process.platform !== 'linux' || statSync(`/proc/${pid}`).uid !== process.getuid?.()) return false;
    const address = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const rows = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    const sockets = rows.flatMap(([, local, , state, ...rest]) =>
      local?.endsWith(address) === true && state === '0A' ? [`socket:[${rest[5]}]`] : [],
    );
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return open.some((one) => sockets.includes(one));
  } catch {
    return false;
  }
}
