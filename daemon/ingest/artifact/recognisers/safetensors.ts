import { endingOf } from '../endings.ts';
import type { Folder, Recogniser, FileGroup } from '../recogniser.ts';
import { isModuleFolder } from './hub-files.ts';
import { isShard, shardGroups } from './shards.ts';
import { singleFiles } from './single-file.ts';
import { inspectSafetensors } from './tensor-file.ts';

const endings = [{ ending: '.safetensors', loadRank: 8 }];

/** Single safetensors files, and shards, that no configuration of a Hugging Face library stands beside. */
export const safetensors: Recogniser = {
  name: 'safetensors',
  endings,
  findGroups(folder) {
    if (isModuleFolder(folder.name)) return [];
    const singles = singleFiles(folder, endings).filter(({ primary }) => !isShard(primary));
    return [...singles.map((group) => awaitAdapter(group, folder)), ...shards(folder)];
  },
  inspect: (group, open) =>
    inspectSafetensors(
      group.files.filter((file) => endingOf(endings, file) !== undefined),
      open,
    ),
};

/** PEFT writes its configuration last; until then its weights are no model. */
function awaitAdapter(group: FileGroup, folder: Folder): FileGroup {
  if (group.primary !== 'adapter_model.safetensors' || folder.files.has('adapter_config.json')) return group;
  return { ...group, missing: 'adapter_config.json is missing.' };
}

function shards(folder: Folder): FileGroup[] {
  const groups = shardGroups([...folder.files].filter((name) => /\.safetensors/i.test(name)));
  return groups.map(({ files, index, missing }) => ({
    primary: index ?? (files[0] as string),
    files: (index === undefined ? files : [...files, index]).toSorted(),
    wholeFolder: false,
    ...(missing === undefined ? {} : { missing }),
  }));
}
