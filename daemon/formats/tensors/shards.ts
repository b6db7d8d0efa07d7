import { isObject, type Json } from '../../protocol/json.ts';
import { field } from '../text/json-access.ts';

const shardName = /^(.+)-(\d{5})-of-(\d{5})\.(safetensors|bin|h5|msgpack)$/i;
const maxShards = 10_000;

/** Returns the files that an index names; undefined while it is not complete. Names that lead out of its folder are left out. */
export function shardsIn(index: Json | undefined): string[] | undefined {
  const map = field(index, 'weight_map');
  if (!isObject(map)) return undefined;
  const names = new Set(Object.values(map).filter((shard) => typeof shard === 'string'));
  return [...names].filter((name) => !/^\/|\\|:|\0|(^|\/)\.\.(\/|$)/.test(name)).slice(0, maxShards);
}

/** The shards of one checkpoint, found by name. */
export interface ShardGroup {
  /** File names that exist, sorted. */
  files: string[];
  /** The index beside them; undefined when there is none. */
  index: string | undefined;
  /** A sentence when shards that belong to the names are missing. */
  missing: string | undefined;
  /** How many shards there should be by their names. */
  total: number;
}

export function isShard(name: string): boolean {
  return shardName.test(name);
}

/** Groups names such as `model-00001-of-00003.safetensors`. Source: huggingface_hub's split_state_dict. */
export function shardGroups(files: Iterable<string>): ShardGroup[] {
  const all = new Set(files);
  const groups = new Map<string, { stem: string; extension: string; total: number; files: string[] }>();
  for (const name of all) {
    const [, stem = '', , total = '', extension = ''] = shardName.exec(name) ?? [];
    if (stem === '') continue;
    const key = `${stem}-${total}.${extension}`;
    const group = groups.get(key) ?? { stem, extension, total: Number(total), files: [] };
    groups.set(key, group);
    group.files.push(name);
  }
  return [...groups.values()].map((group) => {
    const index = `${group.stem}.${group.extension}.index.json`;
    const lacking = group.total - group.files.length;
    return {
      files: group.files.toSorted(),
      index: all.has(index) ? index : undefined,
      missing: lacking > 0 ? `${lacking} of ${group.total} shards are missing.` : undefined,
      total: group.total,
    };
  });
}
