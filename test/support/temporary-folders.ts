import { mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';

const inMemory = '/dev/shm/plinth-tests';
const neededBytes = 4 * 2 ** 30;
/** Tests of what a disk does: of its failures, its inodes and its order of writes. */
const ofDisks = /\/test\/(faults|blobs|db\/backup|ingest\/(watch|settle|runs))\//;
const onDisk = (process.env['PLINTH_TEST_DISK'] ??= tmpdir());

// A registry's first start makes 256 folders and each of its commits is flushed. Tests whose subject is something else have their
// folders in memory, where the system has enough of it: that saves a quarter of the time of all tests.
const { testPath = '' } = expect.getState();
process.env['TMPDIR'] = ofDisks.test(testPath) || !hasMemory() ? onDisk : inMemory;

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize < neededBytes) return false;
    mkdirSync(inMemory, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
