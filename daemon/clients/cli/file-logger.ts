import { renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { ensureFolder } from '../../runtime/write-file.ts';
import type { Facts, Logger } from '../../log.ts';

const maxLogBytes = 10_000_000;

/**
 * Writes JSON lines to a file, each before its call returns, so that none is lost however the process ends. Lines that a full
 * disk refuses wait for space. Throws if the file cannot be opened.
 */
export function fileLogger(file: string): Logger {
  ensureFolder(dirname(file));
  const destination = pino.destination({ dest: file, sync: true, mode: 0o600 });
  // Without a listener, an error of the log file (such as a full disk) would end the process.
  destination.on('error', () => undefined);
  const log = pino({ base: { pid: process.pid } }, destination);
  return {
    info: (message: string, facts: Facts = {}) => log.info(facts, message),
    warn: (message: string, facts: Facts = {}) => log.warn(facts, message),
    error: (message: string, facts: Facts = {}) => log.error(facts, message),
  };
}

/** Renames a log file above 10 MB. Only for its writer, as another one would continue in the renamed file. */
export function rotateLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(file, `${file}.1`);
}
