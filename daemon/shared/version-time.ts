import type { Time, Version } from '../protocol/model.ts';

/** The fields of a version that say when it was trained. */
export type TrainedVersion = Pick<Version, 'createdAt' | 'source'>;

/**
 * Returns when a version was trained, which is the time that every list sorts by and shows: when its file was last written. Versions
 * that were registered together, as when a folder is first watched, would else all have one time.
 */
export function trainedAt({ createdAt, source }: TrainedVersion): Time {
  return source.writtenAt ?? source.imported?.createdAt ?? createdAt;
}
