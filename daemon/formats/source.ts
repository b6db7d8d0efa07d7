/**
 * Random access to the bytes of one file, synchronous because readers run in worker threads.
 * Readers must read headers and directories only, never a whole file of unknown size.
 */
export interface Source {
  /** Size in bytes when the file was opened. */
  readonly size: number;
  /** Bytes from `offset`, at most `length` of them; fewer (perhaps none) at the end of the file. Never throws for a range. */
  read(offset: number, length: number): Uint8Array;
}

/** A `Source` over bytes that are already in memory. */
export function sourceOf(bytes: Uint8Array): Source {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * Why bytes are not what a reader expected: `truncated` when more bytes could make it whole (a writer may still be
 * at work), `malformed` when none could, `unsupported` when it is a variant that this reader does not know.
 * The only error a reader in `formats/` may throw for what a file contains.
 */
export class FormatError extends Error {
  readonly kind: 'truncated' | 'malformed' | 'unsupported';

  constructor(kind: 'truncated' | 'malformed' | 'unsupported', message: string) {
    super(message);
    this.name = 'FormatError';
    this.kind = kind;
  }
}
