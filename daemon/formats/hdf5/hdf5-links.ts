import { denseObjects } from './hdf5-heap.ts';
import { addressAt, isDefined, messageTypes, signatureAt, unsigned, type Hdf5, type Message } from './hdf5-header.ts';
import { FormatError } from '../source.ts';

/** A hard link of a group: the name and the address of an object header. */
export interface Link {
  name: string;
  address: number;
}

const maxLinks = 100_000;
const maxLevels = 32;
const maxNameLength = 4096;

/**
 * Returns the hard links of a group, in any of the ways it may store them: symbol table, link messages, or a fractal heap. Soft
 * and external links are left out. Throws FormatError. Source: HDF5 File Format Specification, III.A–C and IV.A.2.
 */
export function linksOf(file: Hdf5, messages: readonly Message[]): Link[] {
  const links: Link[] = [];
  for (const { type, at } of messages) {
    if (type === messageTypes.symbolTable) tableLinks(file, at, links);
    if (type === messageTypes.link) addLink(file, at, links);
    if (type === messageTypes.linkInfo) for (const place of denseLinks(file, at)) addLink(file, place, links);
  }
  return links;
}

function put(links: Link[], link: Link): void {
  if (links.length >= maxLinks) throw new FormatError('malformed', 'An HDF5 group has too many links.');
  links.push(link);
}

/** Adds the links of an old group: a B-tree of symbol nodes, whose names are in a local heap. */
function tableLinks(file: Hdf5, at: number, links: Link[]): void {
  const heap = addressAt(file, at + file.offsetBytes);
  if (signatureAt(file, heap) !== 'HEAP') throw new FormatError('malformed', 'An HDF5 group has no heap of names.');
  const names = addressAt(file, heap + 8 + 2 * file.lengthBytes);
  walk(file, addressAt(file, at), new Set(), (node) => {
    const count = unsigned(file, node + 6, 2);
    for (let index = 0; index < count; index += 1) {
      const entry = node + 8 + index * (2 * file.offsetBytes + 24);
      const name = nameAt(file, names + addressAt(file, entry));
      put(links, { name, address: addressAt(file, entry + file.offsetBytes) });
    }
  });
}

/** Visits the symbol nodes of a B-tree, each once. */
function walk(file: Hdf5, address: number, seen: Set<number>, visit: (node: number) => void, depth = 0): void {
  if (!isDefined(address) || seen.has(address)) return;
  seen.add(address);
  const signature = signatureAt(file, address);
  if (signature === 'SNOD') return visit(address);
  if (signature !== 'TREE' || depth > maxLevels) throw new FormatError('malformed', 'An HDF5 group is damaged.');
  const count = unsigned(file, address + 6, 2);
  const first = address + 8 + 2 * file.offsetBytes + file.lengthBytes;
  const step = file.offsetBytes + file.lengthBytes;
  for (let index = 0; index < count; index += 1)
    walk(file, addressAt(file, first + index * step), seen, visit, depth + 1);
}

function nameAt({ window }: Hdf5, at: number): string {
  let length = 0;
  while (length < maxNameLength && window.byte(at + length) !== 0) length += 1;
  return window.text(at, length);
}

/** Adds the link of a link message, which is in a header or in a heap. */
function addLink(file: Hdf5, at: number, links: Link[]): void {
  const flags = unsigned(file, at + 1, 1);
  let next = at + 2;
  const kind = flags & 8 ? unsigned(file, next++, 1) : 0;
  if (flags & 4) next += 8;
  if (flags & 0x10) next += 1;
  const lengthBytes = 1 << (flags & 3);
  const length = unsigned(file, next, lengthBytes);
  next += lengthBytes;
  if (length > maxNameLength) throw new FormatError('malformed', 'A name in the HDF5 file is too long.');
  if (kind === 0) put(links, { name: file.window.text(next, length), address: addressAt(file, next + length) });
}

/** Returns the offsets of link messages in a heap, where a group with many links keeps them. */
function denseLinks(file: Hdf5, at: number): number[] {
  const heapAt = at + 2 + (unsigned(file, at + 1, 1) & 1 ? 8 : 0);
  const heap = addressAt(file, heapAt);
  return isDefined(heap) ? denseObjects(file, heap, addressAt(file, heapAt + file.offsetBytes)) : [];
}
