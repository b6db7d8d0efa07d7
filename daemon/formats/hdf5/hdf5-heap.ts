import { addressAt, isDefined, signatureAt, unsigned, type Hdf5 } from './hdf5-header.ts';
import { FormatError } from '../source.ts';

/** The fields of a fractal heap's header that are needed to find an object by its offset in the heap. */
interface Heap {
  address: number;
  /** Bytes that an offset in the heap takes, an object's or a block's. */
  placeBytes: number;
  tableWidth: number;
  startBytes: number;
  directRows: number;
  root: number;
  /** Rows of the root's table; 0 when the root is the only block. */
  rows: number;
}

interface Tree {
  address: number;
  nodeBytes: number;
  recordBytes: number;
}

/** Bytes of the hash before a heap's identifier, in a record of an index by name. */
const hashBytes = 4;
const maxObjects = 100_000;
const maxLevels = 16;

/**
 * Returns the offsets in the file of a fractal heap's objects, found by the B-tree (version 2) that indexes them by name. Throws
 * FormatError: `unsupported` for filtered heaps and objects outside of their blocks. Source: HDF5 File Format Specification,
 * III.A.2 and III.G.
 */
export function denseObjects(file: Hdf5, heapAddress: number, treeAddress: number): number[] {
  const heap = heapAt(file, heapAddress);
  return records(file, treeAddress).map((record) => placeOf(file, heap, record + hashBytes));
}

function heapAt(file: Hdf5, address: number): Heap {
  if (signatureAt(file, address) !== 'FRHP') throw new FormatError('malformed', 'An HDF5 heap is damaged.');
  if (unsigned(file, address + 7, 2) !== 0) throw new FormatError('unsupported', 'Filtered HDF5 heaps are not read.');
  const { offsetBytes, lengthBytes } = file;
  const table = address + 14 + 2 * offsetBytes + 10 * lengthBytes;
  const startBytes = unsigned(file, table + 2, lengthBytes);
  const mostDirect = unsigned(file, table + 2 + lengthBytes, lengthBytes);
  const after = table + 2 + 2 * lengthBytes;
  return {
    address,
    placeBytes: Math.ceil(unsigned(file, after, 2) / 8),
    tableWidth: unsigned(file, table, 2),
    startBytes,
    directRows: Math.round(Math.log2(mostDirect) - Math.log2(startBytes)) + 2,
    root: addressAt(file, after + 4),
    rows: unsigned(file, after + 4 + offsetBytes, 2),
  };
}

/** Returns the offset in the file of a managed object, found by its identifier. */
function placeOf(file: Hdf5, heap: Heap, id: number): number {
  if (((unsigned(file, id, 1) >> 4) & 3) !== 0)
    throw new FormatError('unsupported', 'An HDF5 link lies outside of its heap.');
  const offset = unsigned(file, id + 1, heap.placeBytes);
  if (heap.rows === 0) return heap.root + offset;
  return inTable(file, heap, { address: heap.root, rows: heap.rows, base: 0 }, offset, 0);
}

interface Table {
  address: number;
  rows: number;
  /** Offset in the heap at which its first block begins. */
  base: number;
}

/** Finds an offset of the heap in a table of blocks. Rows 0 and 1 have blocks of the first size; each further row has blocks twice as large. */
function inTable(file: Hdf5, heap: Heap, { address, rows, base }: Table, offset: number, depth: number): number {
  if (signatureAt(file, address) !== 'FHIB' || depth > maxLevels)
    throw new FormatError('malformed', 'An HDF5 heap is damaged.');
  const entries = address + 5 + file.offsetBytes + heap.placeBytes;
  let begin = base;
  for (let row = 0; row < rows; row += 1) {
    const blockBytes = heap.startBytes * 2 ** Math.max(0, row - 1);
    const rowBytes = blockBytes * heap.tableWidth;
    if (offset < begin + rowBytes) {
      const column = Math.floor((offset - begin) / blockBytes);
      const block = addressAt(file, entries + (row * heap.tableWidth + column) * file.offsetBytes);
      begin += column * blockBytes;
      if (!isDefined(block)) break;
      if (row < heap.directRows) return block + (offset - begin);
      const inner = Math.round(Math.log2(blockBytes) - Math.log2(heap.startBytes * heap.tableWidth)) + 1;
      return inTable(file, heap, { address: block, rows: inner, base: begin }, offset, depth + 1);
    }
    begin += rowBytes;
  }
  throw new FormatError('malformed', 'An HDF5 link lies in no block of its heap.');
}

/** Returns the offsets of all records of a B-tree of version 2. */
function records(file: Hdf5, address: number): number[] {
  if (signatureAt(file, address) !== 'BTHD') throw new FormatError('malformed', 'An HDF5 index is damaged.');
  const tree = { address, nodeBytes: unsigned(file, address + 6, 4), recordBytes: unsigned(file, address + 10, 2) };
  const depth = unsigned(file, address + 12, 2);
  const root = addressAt(file, address + 16);
  const found: number[] = [];
  if (depth > maxLevels || tree.recordBytes === 0) throw new FormatError('malformed', 'An HDF5 index is damaged.');
  if (isDefined(root)) visit(file, tree, root, unsigned(file, address + 16 + file.offsetBytes, 2), depth, found);
  return found;
}

function visit(file: Hdf5, tree: Tree, node: number, count: number, depth: number, found: number[]): void {
  if (signatureAt(file, node) !== (depth === 0 ? 'BTLF' : 'BTIN') || found.length + count > maxObjects)
    throw new FormatError('malformed', 'An HDF5 index is damaged.');
  const first = node + 6;
  for (let index = 0; index < count; index += 1) found.push(first + index * tree.recordBytes);
  if (depth === 0) return;
  const { countBytes, pointerBytes } = pointerOf(file, tree, depth);
  const pointers = first + count * tree.recordBytes;
  for (let index = 0; index <= count; index += 1) {
    const pointer = pointers + index * pointerBytes;
    const below = unsigned(file, pointer + file.offsetBytes, countBytes);
    visit(file, tree, addressAt(file, pointer), below, depth - 1, found);
  }
}

/** Returns how many bytes a pointer to a child takes at this depth. Its counts take as many bytes as a full child needs. */
function pointerOf({ offsetBytes }: Hdf5, tree: Tree, depth: number): { countBytes: number; pointerBytes: number } {
  let most = Math.floor((tree.nodeBytes - 10) / tree.recordBytes);
  let inAll = most;
  for (let level = 1; ; level += 1) {
    const countBytes = bytesFor(most);
    const pointerBytes = offsetBytes + countBytes + (level > 1 ? bytesFor(inAll) : 0);
    if (level === depth) return { countBytes, pointerBytes };
    most = Math.floor((tree.nodeBytes - 10 - pointerBytes) / (tree.recordBytes + pointerBytes));
    inAll = (most + 1) * inAll + most;
  }
}

function bytesFor(largest: number): number {
  return Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1;
}
