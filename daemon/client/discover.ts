import { readFileSync } from 'node:fs';
import { get } from 'node:http';
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
export function isHealthy(file: DaemonFile, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port: file.port, path: '/health', agent: false, timeout: timeoutMs },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text = (text + part).slice(0, 100)));
        response.on('end', () => resolve(text === 'OK'));
        response.on('error', () => resolve(false));
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', () => resolve(false));
  });
}

/** The daemon of a data folder, where one announced itself and answers. */
export async function findDaemon(dataFolder: string): Promise<DaemonFile | undefined> {
  const file = readDaemonFile(dataFolder);
  return file && (await isHealthy(file)) ? file : undefined;
}
