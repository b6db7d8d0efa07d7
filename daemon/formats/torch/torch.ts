import { judge, joinReadings } from '../pickle/pickle-safety.ts';
import type { PickleReading } from '../pickle/pickle-safety.ts';
import { itemsOf, keyText } from '../pickle/pickle-value.ts';
import type { PickleValue } from '../pickle/pickle-value.ts';
import { scanPickle } from '../pickle/pickle.ts';
import type { PickleScan } from '../pickle/pickle.ts';
import { FormatError } from '../source.ts';
import type { Source } from '../source.ts';
import { storagesIn } from './torch-tensors.ts';
import { beginsLikeZip, dataOffset, openEntry, readZip } from '../containers/zip.ts';
import type { ZipEntry } from '../containers/zip.ts';

export interface TorchFile {
  kind: 'save' | 'script' | 'export' | 'legacy';
  /** The pickle of the object; undefined when there is none (export). */
  object: PickleScan | undefined;
  /** The combined reading of all its pickles. */
  reading: PickleReading | undefined;
  /** Opens a storage by its key; undefined when it is not there (or, in a legacy file, not looked up). */
  storage(key: string): Source | undefined;
  /** Returns the size in bytes of a storage by its key; undefined when it is not there. */
  storageSize(key: string): number | undefined;
  /** Returns the offset in the file of a storage's bytes; undefined when it is not there, or is compressed. */
  storageOffset(key: string): number | undefined;
  /** Opens a file of the archive, at most 16 MiB, by its path below the archive's root folder; undefined when it is not there. */
  member(path: string): Source | undefined;
  /** Paths below the archive's root folder. */
  members: string[];
}

const maxMemberBytes = 16 * 1024 * 1024;
const maxPickles = 16;
const legacyMagic = 0x1950a86a20f9469cfc6cn;
/** The number as pickle writes it: LONG1 of ten bytes. */
const legacyMagicBytes = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');

/**
 * Reads a file of torch.save (zip or legacy), torch.jit.save or torch.export.save. Source: torch/serialization.py,
 * torch/csrc/jit/serialization. Throws FormatError, `malformed` for a file that torch did not write.
 */
export function readTorch(source: Source): TorchFile {
  if (!beginsLikeZip(source) && source.size >= 4) return readLegacy(source);
  const entries = readZip(source);
  const names = entries.map((entry) => entry.name);
  const data = names.find((name) => /(^|\/)data\.pkl$/.test(name));
  const format = names.find((name) => /(^|\/)archive_format$/.test(name));
  const marker = data ?? format;
  if (marker === undefined) throw new FormatError('malformed', 'This zip archive was not written by torch.');
  const root = marker.slice(0, marker.lastIndexOf('/') + 1);
  return openArchive(source, entries, root);
}

/** True for the older form of torch.save, which begins with the pickle of a number that no other file begins with. */
export function beginsLikeLegacyTorch(source: Source): boolean {
  const head = Buffer.from(source.read(0, 32));
  return head[0] === 0x80 && head.includes(legacyMagicBytes);
}

function openArchive(source: Source, entries: ZipEntry[], root: string): TorchFile {
  const byPath = new Map(
    entries.filter(({ name }) => name.startsWith(root)).map((e) => [e.name.slice(root.length), e]),
  );
  const member = (path: string): Source | undefined => {
    const entry = byPath.get(path);
    return entry === undefined ? undefined : openEntry(source, entry, maxMemberBytes);
  };
  const data = member('data.pkl');
  const object = data === undefined ? undefined : scanPickle(data);
  const readings = judgeAll(source, entries);
  const script = byPath.has('constants.pkl');
  return {
    kind: script ? 'script' : byPath.has('archive_format') ? 'export' : 'save',
    object,
    reading: joinReadings(readings),
    storage: (key) => member(`data/${key}`),
    storageSize: (key) => byPath.get(`data/${key}`)?.size,
    storageOffset: (key) => {
      const entry = byPath.get(`data/${key}`);
      return entry?.method === 0 ? dataOffset(source, entry) : undefined;
    },
    member,
    members: [...byPath.keys()],
  };
}

/** Judges every `data.pkl` and `constants.pkl`, since an archive may contain more than the one that is shown. */
function judgeAll(source: Source, entries: readonly ZipEntry[]): PickleReading[] {
  const pickles = entries.filter(({ name }) => /(^|\/)(data|constants)\.pkl$/.test(name));
  return pickles
    .slice(0, maxPickles)
    .map((entry) => judge(scanPickle(openEntry(source, entry, maxMemberBytes)), entry.name));
}

/** Reads pickles of the magic number, the protocol, the machine, the object and the storage keys, then for each storage a count and its bytes. */
function readLegacy(source: Source): TorchFile {
  const magic = scanPickle(source);
  if (magic.root !== legacyMagic) {
    const cut = magic.failure?.kind === 'truncated' && source.read(0, 2)[0] === 0x80;
    throw new FormatError(cut ? 'truncated' : 'malformed', 'This file was not written by torch.');
  }
  const scans = [magic];
  for (let i = 0; i < 4; i += 1) {
    const next = scanPickle(source, 'python', (scans.at(-1) as PickleScan).end);
    scans.push(next);
    if (next.failure !== undefined) throw next.failure;
  }
  const [, , , object, keys] = scans as [PickleScan, PickleScan, PickleScan, PickleScan, PickleScan];
  const offsets = storageOffsets(source, keys.end, itemsOf(keys.root) ?? [], object);
  return {
    kind: 'legacy',
    object,
    reading: joinReadings(scans.map((scan) => judge(scan))),
    storage: () => undefined,
    storageSize: () => undefined,
    storageOffset: (key) => offsets.get(key),
    member: () => undefined,
    members: [],
  };
}

/**
 * Finds each storage, which follow the keys: a count of elements in eight bytes, then the elements. After a storage whose type is
 * not known, no further offset can be determined. Throws FormatError `truncated`.
 */
function storageOffsets(
  source: Source,
  start: number,
  keys: readonly PickleValue[],
  object: PickleScan,
): Map<string, number> {
  const sizes = storagesIn(object.root);
  const offsets = new Map<string, number>();
  let at = start;
  let isKnown = true;
  for (const key of keys) {
    const size = sizes.get(keyText(key)) ?? null;
    if (isKnown) offsets.set(keyText(key), at + 8);
    isKnown &&= size !== null;
    at += 8 + (size ?? 0);
  }
  if (at > source.size) throw new FormatError('truncated', 'The storages are cut.');
  return offsets;
}
