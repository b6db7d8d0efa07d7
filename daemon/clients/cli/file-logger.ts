import { renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { ensureFolder } from '../../runtime/write-file.ts';
import type { Facts, Logger } from '../../log.ts';

const maxLogBytes = 10_000_000;

/**
 * JSON lines into a file, written before each call returns: nothing is lost however the process ends. Lines that cannot be
 * written, on a full disk, wait for room; they must not end the service. Throws where the file cannot be opened.
 */
export function fileLogger(file: string): Logger {
  ensureFolder(dirname(file));
  const destination = pino.destination({ dest: file, sync: true, mode: 0o600 });
  // A log that cannot be written (the disk is full) costs its lines, not the service: without a listener it would end here.
  destination.on('error', () => undefined);
  const log = pino({ base: { pid: process.pid } }, destination);
  return {
    info: (message: string, facts: Facts = {}) => log.info(facts, message),
    warn: (message: string, facts: Facts = {}) => log.warn(facts, message),
    error: (message: string, facts: Facts = {}) => log.error(facts, message),
  };
}

/** Puts a file above 10 MB aside. Only for the one who will write it: a writer goes on in what it has open. */
export function rotateLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(file, `${file}.1`);
}
