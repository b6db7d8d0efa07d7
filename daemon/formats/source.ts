/**
 * Random access to the bytes of one file, synchronous because readers run in worker threads.
 * Readers must read headers and directories only, never a whole file of unknown size.
 */
export interface Source {
  /** Size in bytes when the file was opened. */
  readonly size: number;
  /** Returns at most `length` bytes from `offset`, fewer (perhaps none) at the end of the file. Never throws because of the range. */
  read(offset: number, length: number): Uint8Array;
}

/** Makes a `Source` of bytes that are already in memory. */
export function sourceOf(bytes: Uint8Array): Source {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * Thrown when bytes are not what a reader expected: `truncated` when more bytes could complete them (a writer may still be at
 * work), `malformed` when none could, `unsupported` for a variant that this reader does not know. A reader in `formats/` throws
 * no other error because of a file's content.
 */
export class FormatError extends Error {
  readonly kind: 'truncated' | 'malformed' | 'unsupported';

  constructor(kind: 'truncated' | 'malformed' | 'unsupported', message: string) {
    super(message);
    this.name = 'FormatError';
    this.kind = kind;
  }
}
