import { endingOf } from '../endings.ts';
import type { Folder, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { isModuleFolder } from './hub-files.ts';
import { isShard, shardGroups, shardsIn } from '../../../formats/tensors/shards.ts';
import { singleFiles } from './single-file.ts';
import { inspectSafetensors } from './tensor-file.ts';
import { readConfig } from './transformers-config.ts';

const endings = [{ ending: '.safetensors', loadRank: 8 }];

/** Safetensors files and shards without a configuration of a Hugging Face library. */
export const safetensors: Recogniser = {
  name: 'safetensors',
  endings,
  findGroups(folder) {
    if (isModuleFolder(folder.name)) return [];
    const singles = singleFiles(folder, endings).filter(({ primary }) => !isShard(primary));
    return [...singles.map((group) => awaitAdapter(group, folder)), ...shards(folder)];
  },
  inspect(group, open) {
    const shards = indexedShards(group, open);
    if (shards === undefined) return { state: 'partial', reason: 'The index of the shards is not complete.' };
    const own = group.files.filter((file) => endingOf(endings, file) !== undefined);
    return { ...inspectSafetensors([...new Set([...own, ...shards])], open), named: shards };
  },
};

/** Returns the files that the shards' index names; empty without an index, undefined while it is incomplete. */
function indexedShards({ files }: FileGroup, open: OpenFile): string[] | undefined {
  const index = files.find((file) => /\.index\.json$/i.test(file));
  return index === undefined ? [] : shardsIn(readConfig(open, index));
}

/** Marks an adapter without its configuration as incomplete, as PEFT writes the configuration last. */
function awaitAdapter(group: FileGroup, folder: Folder): FileGroup {
  if (group.primary !== 'adapter_model.safetensors' || folder.files.has('adapter_config.json')) return group;
  return { ...group, missing: 'adapter_config.json is missing.' };
}

function shards(folder: Folder): FileGroup[] {
  const groups = shardGroups([...folder.files].filter((name) => /\.safetensors/i.test(name)));
  return groups.map(({ files, index, missing }) => ({
    primary: files[0] as string,
    files: (index === undefined ? files : [...files, index]).toSorted(),
    wholeFolder: false,
    ...(missing === undefined ? {} : { missing }),
  }));
}
