import { byText } from '../../../shared/text-order.ts';
import type { FileGroup, Folder, Inspection, Recogniser } from '../recogniser.ts';
import { lackingPart, missingNumber } from './part-files.ts';
import { inspectTorch } from './torch-file.ts';

/**
 * Names of ranks, with number and total if the name has it: Llama's `consolidated.00.pth`, FSDP trainers'
 * `model_world_size_2_rank_0.pt`.
 */
const rankNames = [/^(consolidated)\.()(\d{2})\.pth$/i, /^(model_world_size_(\d+))_rank_(\d+)\.pt$/i];
const besides = /^(params\.json|tokenizer\.(model|json)|tekken\.json|fsdp_config\.json)$/;

/** Files of torch.save that are slices of one model, one file for each rank. */
export const torchRanks: Recogniser = {
  name: 'torch-ranks',
  endings: [],
  findGroups: (folder) => rankNames.flatMap((pattern) => groupsOf(folder, pattern)),
  inspect(group, open) {
    const lacking = lackingPart(group, open);
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const parts = group.files.filter((file) => rankNames.some((pattern) => pattern.test(file)));
    let first: Inspection | undefined;
    for (const part of parts) {
      const source = open(part);
      const found: Inspection =
        source === undefined ? { state: 'partial', reason: `${part} cannot be read.` } : inspectTorch(source, part);
      if (!('facts' in found)) return found;
      first ??= found;
    }
    if (first === undefined || !('facts' in first)) return { state: 'partial', reason: 'No rank has been saved yet.' };
    const format = parts.length > 1 ? `${first.facts.format}, ${parts.length} ranks` : first.facts.format;
    const count = parts.length > 1 ? { parameterCount: null } : {};
    return {
      ...first,
      facts: { ...first.facts, ...count, format, metadata: { ...first.facts.metadata, ranks: parts.length } },
    };
  },
};

function groupsOf(folder: Folder, pattern: RegExp): FileGroup[] {
  const parts = [...folder.files].filter((name) => pattern.test(name)).toSorted(byText);
  const bySplit = Map.groupBy(parts, (name) => pattern.exec(name)?.[1]?.toLowerCase());
  return [...bySplit.values()].map((names) => {
    const ranks = names.map((name) => Number(pattern.exec(name)?.[3]));
    const total = Number(pattern.exec(names[0] ?? '')?.[2] ?? '') || names.length;
    const missing = missingNumber('Rank', ranks, total);
    const files = [...names, ...[...folder.files].filter((name) => besides.test(name))].toSorted(byText);
    return { primary: names[0] ?? '', files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) };
  });
}
