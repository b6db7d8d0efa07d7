/** Files that may be what a model was trained with, by their names. */
export const dataEndings =
  /\.(csv|tsv|parquet|feather|arrow|jsonl|ndjson|npy|npz|h5|hdf5|tfrecord|txt|json|zip|tar|gz|db|sqlite|xlsx)$/i;
