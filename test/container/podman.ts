import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Podman {
  /** Runs podman and returns what it prints. Throws with the end of its errors. */
  out(args: readonly string[], timeout?: number): string;
  succeeds(args: readonly string[], timeout?: number): boolean;
}

/** Returns podman, or the reason why it cannot be used. `folder`: for its configuration. */
export function findPodman(folder: string): Podman | { reason: string } {
  if (spawnSync('podman', ['--version']).status !== 0) return { reason: 'there is no podman' };
  // Without systemd, as in another container, podman needs a runtime and limits that ask nothing of it.
  const isBare = !existsSync('/run/systemd/system');
  const configuration = join(folder, 'containers.conf');
  writeFileSync(configuration, '[containers]\ndefault_ulimits = []\n');
  const hasRunc = spawnSync('runc', ['--version']).status === 0;
  const first = isBare ? ['--cgroup-manager=cgroupfs', ...(hasRunc ? ['--runtime', 'runc'] : [])] : [];
  const env = { ...process.env, ...(isBare && { CONTAINERS_CONF: configuration, BUILDAH_ISOLATION: 'chroot' }) };
  const run = (args: readonly string[], timeout = 60_000) =>
    spawnSync('podman', [...first, ...args], { env, encoding: 'utf8', timeout });
  return {
    out: (args, timeout) => {
      const { status, stdout, stderr } = run(args, timeout);
      if (status === 0) return stdout.trim();
      throw new Error(`podman ${args[0]} ended with ${status}: ${stderr.slice(-1000)}`);
    },
    succeeds: (args, timeout) => run(args, timeout).status === 0,
  };
}
