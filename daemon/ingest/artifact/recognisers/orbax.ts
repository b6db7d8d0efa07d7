import type { Tensor } from '../../../protocol/artifact.ts';
import { FormatError } from '../../../formats/source.ts';
import { parseJson } from '../../../formats/text/json.ts';
import type { FileGroup, Folder, OpenFile, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { field } from '../../../formats/text/json-access.ts';
import { filesBelow } from './list-files.ts';
import { isObject } from '../../../protocol/json.ts';

const metadataName = '_METADATA';
const maxMetadata = 64 * 1024 * 1024;
const maxTensors = 100_000;

/**
 * Checkpoints of Orbax (JAX, flax): folders with `_METADATA` and an OCDBT store. A step of a CheckpointManager has its items in
 * folders of their own. A folder that is being saved has another name (`.orbax-checkpoint-tmp`). Source: orbax/checkpoint.
 */
export const orbax: Recogniser = {
  name: 'orbax',
  endings: [],
  findGroups(folder) {
    if (folder.path.includes('orbax-checkpoint-tmp')) return [];
    const primary = primaryIn(folder);
    return primary === undefined ? [] : [{ primary, files: filesBelow(folder), wholeFolder: true }];
  },
  inspect(group, open) {
    const metadata = readMetadata(group, open);
    if (metadata === undefined) return { state: 'partial', reason: `${group.primary} is not complete.` };
    const data = group.files.filter((file) => /(^|\/)(d\/|manifest\.ocdbt$|.*\.zarray$)/.test(file));
    if (data.length === 0) return { state: 'partial', reason: 'No data of the checkpoint is there yet.' };
    const all = tensorsIn(metadata);
    const learned = all.filter(({ name }) => !/^(opt_state|step|rng)(\.|$)/.test(name));
    return {
      state: group.files.includes('commit_success.txt') ? 'whole' : 'unmarked',
      facts: modelFacts({
        framework: 'jax',
        format: 'orbax checkpoint',
        tensors: learned.length > 0 ? learned : all,
        ...(all.some(({ shape }) => shape.length > 0) ? {} : { parameterCount: null }),
      }),
    };
  },
};

function primaryIn(folder: Folder): string | undefined {
  const isStore = (inner: Folder): boolean =>
    inner.files.has(metadataName) &&
    (inner.files.has('manifest.ocdbt') || inner.folders.has('d') || inner.files.has('_CHECKPOINT_METADATA'));
  if (isStore(folder)) return metadataName;
  if (!folder.files.has('_CHECKPOINT_METADATA')) return undefined;
  const item = [...folder.folders].toSorted().find((name) => {
    const child = folder.child(name);
    return child !== undefined && isStore(child);
  });
  return item === undefined ? undefined : `${item}/${metadataName}`;
}

function readMetadata({ primary }: FileGroup, open: OpenFile): Record<string, unknown> | undefined {
  const source = open(primary);
  if (source === undefined || source.size > maxMetadata) return undefined;
  try {
    const document = parseJson(new TextDecoder().decode(source.read(0, source.size)));
    return isObject(document) ? document : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Returns the leaves of the tree as tensors. Keys are paths such as `('params', 'kernel')`. */
function tensorsIn(metadata: Record<string, unknown>): Tensor[] {
  const tree = field(metadata as Parameters<typeof field>[0], 'tree_metadata');
  if (!isObject(tree)) return [];
  return Object.entries(tree)
    .slice(0, maxTensors)
    .map(([key, leaf]) => {
      const sides = field(field(leaf, 'value_metadata'), 'write_shape');
      const shape = Array.isArray(sides) ? sides.filter((side) => typeof side === 'number') : [];
      const parts = [...key.matchAll(/'([^']*)'|"([^"]*)"|(\d+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
      return { name: (parts.join('.') || key).slice(0, 500), shape, dtype: 'unknown', bytes: null };
    });
}
