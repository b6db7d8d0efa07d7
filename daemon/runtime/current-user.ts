import { homedir, userInfo } from 'node:os';

/**
 * The name of the account that this process runs as. Where the system has none for it, as in a container that runs as a bare
 * uid, what USER or LOGNAME says, else `uid 1234`.
 */
export function currentUser(env: NodeJS.ProcessEnv = process.env): string {
  return nameOf() ?? (env['USER'] || env['LOGNAME'] || `uid ${process.getuid?.() ?? 'unknown'}`);
}

/** The account's home folder; undefined where it has none. */
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
