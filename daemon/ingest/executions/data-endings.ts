/** Endings of files that may be training data. */
export const dataEndings =
  /\.(csv|tsv|parquet|feather|arrow|jsonl|ndjson|npy|npz|h5|hdf5|tfrecord|txt|json|zip|tar|gz|db|sqlite|xlsx)$/i;
