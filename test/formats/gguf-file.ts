/** A key, the number of its value's type, and the bytes of the value. */
export type Key = [key: string, type: number, value: Buffer];

/** Name, shape, number of its type, offset. */
export type TensorInfo = [name: string, shape: number[], type: number, offset: number];

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
}

export interface GgufFile {
  keys?: Key[];
  tensors?: TensorInfo[];
  /** Bytes of data after the header. */
  data?: number;
  alignment?: number;
  /** False counts. */
  tensorCount?: number;
  keyCount?: number;
}

/** Makes a GGUF file of version 3. */
export function fileOf({ keys = [], tensors = [], data = 0, alignment = 32, tensorCount, keyCount }: GgufFile): Buffer {
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensorCount ?? tensors.length),
    uint64(keyCount ?? keys.length),
    ...keys.flatMap(([key, type, value]) => [text(key), uint32(type), value]),
    ...tensors.flatMap(([name, shape, type, offset]) => [
      text(name),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(type),
      uint64(offset),
    ]),
  ]);
  const padding = Math.ceil(header.length / alignment) * alignment - header.length;
  return Buffer.concat([header, Buffer.alloc(tensors.length > 0 ? padding + data : 0)]);
}
