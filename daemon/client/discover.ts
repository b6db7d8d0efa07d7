import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonFile } from '../protocol/handshake.ts';

/** What a data folder says of its daemon; undefined where none announced itself. It may be gone all the same. */
export function readDaemonFile(dataFolder: string): DaemonFile | undefined {
  try {
    const file = JSON.parse(readFileSync(join(dataFolder, 'daemon.json'), 'utf8')) as DaemonFile;
    return Number.isInteger(file.port) && typeof file.token === 'string' ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a daemon answers where the file says. */
export async function isHealthy(file: DaemonFile, timeoutMs = 1000): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${file.port}/health`, { signal: AbortSignal.timeout(timeoutMs) });
    return (await response.text()) === 'OK';
  } catch {
    return false;
  }
}
