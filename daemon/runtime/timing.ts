/** Time limits in ms after which things count as finished, and other limits. */
export interface Timing {
  /** A complete file that has not changed for this long is finished. */
  quietMs: number;
  /** The same for formats without an end marker, if it cannot be seen whether a writer has the file open. */
  unmarkedQuietMs: number;
  /** A run without writes for this long has ended, if its writer cannot be seen. */
  runQuietMs: number;
  /** A path that is saved again within this time belongs to a run. */
  sameRunMs: number;
  /** Longest wait of a scaler or encoder for the model that it belongs to. */
  companionMs: number;
  /** Time between two scans of all roots. */
  scanEveryMs: number;
  /** Total size up to which a root's existing files are registered when it is first watched. */
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
