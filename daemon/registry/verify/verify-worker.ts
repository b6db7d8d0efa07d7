import { statSync } from 'node:fs';
import { hashFile } from '../../blobs/hash.ts';
import { blobPath } from '../../blobs/seal.ts';
import { checkDatabase, restoreFix, type DatabaseReport } from '../../db/check/check.ts';
import { damagedVersions, type BlobScope, type NamedBlob } from '../../db/named-blobs.ts';
import { openVerified, type BlobPlan, type QueuedBlob, type VerifiedBlobs } from '../../db/verified.ts';
import { messageOf, systemCode } from '../../errors.ts';
import type { LogHead } from '../../protocol/verify.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { lackingVersions, type LackingVersion } from './lacking-files.ts';
import { everyNamedBlob } from './named-files.ts';

/** Call `check` first, then `hash` until it reports that it is done. */
export interface VerifyOperations {
  check: [CheckRequest, CheckReply];
  hash: [null, HashReply];
}

interface CheckRequest {
  file: string;
  dataFolder: string;
  scope: BlobScope | null;
  heads: readonly LogHead[];
  now: number;
}

export interface CheckReply extends DatabaseReport {
  plan: BlobPlan;
  damaged: [model: string, number: number][];
  lacking: LackingVersion[];
}

/** A blob that does not match its digest, and the rows that name it. */
export interface BadBlob {
  digest: string;
  state: 'missing' | 'damaged' | 'unreadable' | 'of another size';
  owners: NamedBlob[];
}

export interface HashReply {
  /** Blobs re-hashed in this call, and their bytes. */
  hashed: number;
  bytes: number;
  bad: BadBlob[];
  done: boolean;
}

/** Limits of a batch, after which progress is stored and other requests are answered. */
const maxBatchBlobs = 256;
const maxBatchBytes = 64 << 20;

interface Pass {
  folder: string;
  verified: VerifiedBlobs;
}

let pass: Pass | undefined;

serve<VerifyOperations>({
  check: begin,
  hash: () => {
    if (!pass) throw new Error('nothing is being verified');
    return hashBatch(pass);
  },
});

function begin({ file, dataFolder, scope, heads, now }: CheckRequest): CheckReply {
  const verified = openVerified(dataFolder, scope === null, now);
  pass = { folder: dataFolder, verified };
  const report: DatabaseReport = { events: 0, headSeq: 0, head: '', faults: [] };
  try {
    const checked = checkDatabase(file, dataFolder, heads);
    try {
      Object.assign(report, checked.report);
      const plan = verified.plan(everyNamedBlob(dataFolder, checked.derived, checked.source, scope));
      const lacking = [...lackingVersions(dataFolder, checked.derived, scope)];
      return { ...report, plan, damaged: damagedVersions(checked.derived, scope), lacking };
    } finally {
      checked.close();
    }
  } catch (error) {
    const detail = `does not say which blobs there are (${messageOf(error)})`;
    const faults = [...report.faults, { subject: 'registry.db', detail, fix: restoreFix }];
    return { ...report, faults, plan: verified.plan([]), damaged: [], lacking: [] };
  }
}

function hashBatch({ folder, verified }: Pass): HashReply {
  const reply: HashReply = { hashed: 0, bytes: 0, bad: [], done: false };
  const sound: string[] = [];
  while (reply.hashed < maxBatchBlobs && reply.bytes < maxBatchBytes) {
    const blob = verified.next();
    if (!blob) {
      reply.done = true;
      break;
    }
    const { state, bytes } = stateOf(folder, blob);
    reply.hashed += 1;
    reply.bytes += bytes;
    if (state === 'sound') sound.push(blob.digest);
    else reply.bad.push({ digest: blob.digest, state, owners: verified.ownersOf(blob.digest) });
  }
  verified.note(sound);
  if (reply.done) verified.finish();
  return reply;
}

function stateOf(folder: string, { digest, size }: QueuedBlob): { state: BadBlob['state'] | 'sound'; bytes: number } {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return { state: 'missing', bytes: 0 };
  const sha256 = digest.slice('sha256:'.length);
  const path = blobPath(folder, sha256);
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return { state: 'missing', bytes: 0 };
    const bytes = stats.size;
    if (hashFile(path).sha256 !== sha256) return { state: 'damaged', bytes };
    return { state: size !== null && size !== bytes ? 'of another size' : 'sound', bytes };
  } catch (error) {
    return { state: systemCode(error) === 'ENOENT' ? 'missing' : 'unreadable', bytes: 0 };
  }
}
