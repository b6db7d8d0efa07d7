/** How long things must be quiet before they count as finished, and other limits, in ms and bytes. */
export interface Timing {
  /** A complete structure that has not changed for this long is finished. */
  quietMs: number;
  /** The same for formats without an end mark, where it cannot be seen whether a writer has the file open. */
  unmarkedQuietMs: number;
  /** A run in which nothing was written for this long has ended, where its writer cannot be seen. */
  runQuietMs: number;
  /** The same path saved again within this time means that a run is going on. */
  sameRunMs: number;
  /** A scaler or encoder waits this long for the model that it belongs to. */
  companionMs: number;
  /** Between full scans of every root. */
  scanEveryMs: number;
  /** A root's existing files are registered up to this many bytes when it is first watched. */
  maxExistingBytes: number;
}

export const defaultTiming: Timing = {
  quietMs: 300,
  unmarkedQuietMs: 2000,
  runQuietMs: 60_000,
  sameRunMs: 600_000,
  companionMs: 60_000,
  scanEveryMs: 300_000,
  maxExistingBytes: 1 << 30,
};
