import { closeSync, read as readCalling } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { TensorData, TensorPlace } from '../../formats/tensors/tensor-places.ts';
import { itemSizes } from './decode.ts';
import { openTensorFile, type TensorFile } from './tensor-source.ts';

const readInto = promisify(readCalling);

/** A range of a tensor's elements. */
export interface Turn {
  from: number;
  count: number;
}

export interface ElementReaders {
  /**
   * Fills the beginning of `into` with elements of a tensor, little-endian. Those of a compressed one must be read in order, each
   * once. Rejects with a system error, or an Error if the data is cut off or its file is not among the files.
   */
  read(files: TensorFiles, tensor: TensorPlace, turn: Turn, into: Uint8Array): Promise<void>;
  close(): void;
}

/** Files by their names. */
export type TensorFiles = ReadonlyMap<string, TensorFile>;

/** Creates a reader of tensor elements, which opens each file once. */
export function elementReaders(): ElementReaders {
  const handles = new Map<string, number>();
  const unpacking = new Map<TensorPlace, Unpacked>();
  const handleOf = (files: TensorFiles, { file }: TensorData): number => {
    const found = files.get(file);
    if (found === undefined) throw new Error(`the file ${file} with the data is not a file of the version`);
    const handle = handles.get(found.path) ?? openTensorFile(found);
    handles.set(found.path, handle);
    return handle;
  };
  return {
    read: async (files, tensor, { from, count }, into) => {
      const data = tensor.data!;
      const size = itemSizes[data.encoding];
      const wanted = into.subarray(0, count * size);
      const handle = handleOf(files, data);
      if (data.packed) {
        const stream = unpacking.get(tensor) ?? unpack(handle, data, data.packed);
        unpacking.set(tensor, stream);
        await stream.fill(wanted, tensor.name);
        if (from * size + wanted.length >= data.bytes) stream.end();
      } else await fill(handle, data.offset + from * size, wanted, tensor.name);
      if (data.swapped) swap(wanted, size);
    },
    close: () => {
      for (const stream of unpacking.values()) stream.end();
      for (const handle of handles.values()) closeSync(handle);
    },
  };
}

async function fill(handle: number, at: number, into: Uint8Array, name: string): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await readInto(handle, into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new Error(`the data of ${name} is incomplete`);
    done += bytesRead;
  }
}

interface Unpacked {
  /** Fills all of `into` with the next bytes. */
  fill(into: Uint8Array, name: string): Promise<void>;
  end(): void;
}

/** Opens the compressed stream of a tensor's elements and decompresses from its start. */
function unpack(handle: number, { offset }: TensorData, packed: { at: number; bytes: number }): Unpacked {
  const { at, bytes } = packed;
  const file = Readable.from(piecesOf(handle, at, bytes), { objectMode: false });
  const inflated = createInflateRaw();
  // The iterator throws an error of the pipeline to its reader.
  pipeline(file, inflated, () => undefined);
  const chunks = inflated[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let rest: Buffer = Buffer.alloc(0);
  let skip = offset;
  const more = async (name: string): Promise<void> => {
    const next = await chunks.next();
    if (next.done === true) throw new Error(`the data of ${name} is incomplete`);
    rest = next.value.subarray(skip);
    skip = Math.max(0, skip - next.value.length);
  };
  return {
    fill: async (into, name) => {
      for (let done = 0; done < into.length;) {
        if (rest.length === 0) await more(name);
        const taken = rest.subarray(0, into.length - done);
        into.set(taken, done);
        rest = rest.subarray(taken.length);
        done += taken.length;
      }
    },
    end: () => void file.destroy(),
  };
}

const pieceBytes = 256 * 1024;

async function* piecesOf(handle: number, at: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < bytes;) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, bytes - done));
    const { bytesRead } = await readInto(handle, buffer, 0, buffer.length, at + done);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}
