import type { Context } from '../../context.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import { storeDescription } from '../../registry/versions/described-body.ts';
import { hasCheckpointMark } from '../artifact/checkpoint-names.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import { assertRoom, storeFiles } from '../register/store-files.ts';
import { smallBytes } from '../runs/keep-saves.ts';
import type { OwnedArtifact } from './pending.ts';

export interface OwnParts {
  readonly ctx: Pick<Context, 'blobs' | 'log' | 'publish'>;
  readonly rules: Pick<Rules, 'matchRule'>;
}

/**
 * Copies the bytes of a small finished save into the blob store, and what describes them unless its name marks it as a checkpoint,
 * few of which become versions. Returns undefined if it is large, if a rule leaves it to a person, or if it was written or removed
 * meanwhile.
 */
export async function ownEarly(
  { ctx, rules }: OwnParts,
  artifact: SettledArtifact,
): Promise<OwnedArtifact | undefined> {
  const { files, fingerprint } = artifact;
  if (fingerprint.size > smallBytes || rules.matchRule(files.path, files.root)?.rule.register === 'manual')
    return undefined;
  try {
    assertRoom(ctx.blobs, fingerprint.size);
    const stored = await storeFiles(ctx, artifact);
    if (hasCheckpointMark(files.path)) return { stored };
    return { stored, described: await storeDescription(ctx, { files: stored, facts: artifact.facts }) };
  } catch (error) {
    ctx.log.info('a save could not be owned before its decision', { path: files.path, error: String(error) });
    return undefined;
  }
}
