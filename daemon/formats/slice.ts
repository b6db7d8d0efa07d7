import type { Source } from './source.ts';

/** Returns a source over `length` bytes of another from `offset`, cut at the end of that source. */
export function slice(source: Source, offset: number, length: number): Source {
  const start = Math.min(Math.max(0, offset), source.size);
  const size = Math.min(Math.max(0, length), source.size - start);
  return {
    size,
    read(at, count) {
      if (at < 0 || at >= size || count <= 0) return new Uint8Array(0);
      return source.read(start + at, Math.min(count, size - at));
    },
  };
}
