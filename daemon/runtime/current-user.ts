import { homedir, userInfo } from 'node:os';

/**
 * Returns the name of the account that this process runs as. If the system has none, as for a bare uid in a container, returns
 * USER or LOGNAME, else `uid 1234`.
 */
export function currentUser(env: NodeJS.ProcessEnv = process.env): string {
  return nameOf() ?? (env['USER'] || env['LOGNAME'] || `uid ${process.getuid?.() ?? 'unknown'}`);
}

/** Returns the account's home folder; undefined for none. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

function nameOf(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
}
