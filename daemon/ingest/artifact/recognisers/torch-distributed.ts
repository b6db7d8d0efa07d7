import { byText } from '../../../shared/text-order.ts';
import {
  attributesOf,
  classOf,
  entriesOf,
  entry,
  globalName,
  isNode,
  itemsOf,
} from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { judge, joinReadings } from '../../../formats/pickle/pickle-safety.ts';
import { scanPickle } from '../../../formats/pickle/pickle.ts';
import type { Source } from '../../../formats/source.ts';
import type { Tensor } from '../../../protocol/artifact.ts';
import type { FileGroup, Inspection, OpenFile, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { lackingPart } from './part-files.ts';

const metadataName = '.metadata';
const partName = /^__\d+_\d+\.distcp$/;
/** Files that Megatron and NeMo write beside the parts. */
const besides = /^(common\.pt|metadata\.json)$/;
const maxTensors = 100_000;

/**
 * Folders of torch.distributed.checkpoint, as FSDP trainers save them: parts by rank, and `.metadata`, a pickle that names them
 * and is written last. Folders of an optimizer are training state. Source: torch/distributed/checkpoint/filesystem.py.
 */
export const torchDistributed: Recogniser = {
  name: 'torch-distributed',
  endings: [],
  findGroups(folder) {
    const parts = [...folder.files].filter((name) => partName.test(name)).toSorted(byText);
    if (parts[0] === undefined || /^optim(izer)?(_\d+)?$/i.test(folder.name)) return [];
    const others = [...folder.files].filter((name) => name === metadataName || besides.test(name));
    const missing = folder.files.has(metadataName)
      ? {}
      : { missing: `${metadataName}, which names the parts, is missing.` };
    return [{ primary: parts[0], files: [...parts, ...others].toSorted(byText), wholeFolder: true, ...missing }];
  },
  inspect(group, open) {
    const source = open(metadataName);
    if (source === undefined) return { state: 'partial', reason: `${metadataName} is missing.` };
    const scan = scanPickle(source);
    if (scan.failure?.kind === 'truncated') return { state: 'partial', reason: `${metadataName} is not complete.` };
    const needs = bytesOf(entry(attributesOf(scan.root), 'storage_data'));
    const named = [...needs.keys()];
    const lacking = shortPart(needs, open) ?? lackingPart(group, open);
    if (lacking !== undefined) return { state: 'partial', reason: lacking, named };
    return { ...inspectWhole(scan.root, group, source), named };
  },
};

function inspectWhole(root: PickleValue | undefined, { files }: FileGroup, source: Source): Inspection {
  const all = tensorsIn(entry(attributesOf(root), 'state_dict_metadata'));
  const learned = all.filter(({ name }) => !/^optim(izer)?\b|(^|\.)(exp_avg|exp_avg_sq)$/.test(name));
  const facts = modelFacts({
    framework: 'pytorch',
    format: 'torch distributed checkpoint',
    tensors: learned.length > 0 ? learned : all,
    pickle: joinReadings([judge(scanPickle(source))]) ?? null,
    metadata: { parts: files.filter((name) => partName.test(name)).length },
  });
  return { state: 'whole', facts };
}

/** Returns the size that each file must have at least, from the places of tensors in it. */
function bytesOf(storage: PickleValue | undefined): Map<string, number> {
  const needs = new Map<string, number>();
  for (const [, info] of entriesOf(storage) ?? []) {
    const attributes = attributesOf(info);
    const path = entry(attributes, 'relative_path');
    if (typeof path !== 'string' || /^\/|\\|\0|(^|\/)\.\.(\/|$)/.test(path)) continue;
    const end = Number(entry(attributes, 'offset')) + Number(entry(attributes, 'length'));
    needs.set(path, Math.max(needs.get(path) ?? 0, Number.isSafeInteger(end) ? end : 0));
  }
  return needs;
}

function shortPart(needs: ReadonlyMap<string, number>, open: OpenFile): string | undefined {
  for (const [path, bytes] of needs) {
    const size = open(path)?.size;
    if (size === undefined) return `${path}, which ${metadataName} names, is missing.`;
    if (size < bytes) return `${path} has ${size} of the ${bytes} bytes that ${metadataName} records.`;
  }
  return undefined;
}

function tensorsIn(described: PickleValue | undefined): Tensor[] {
  return (entriesOf(described) ?? []).slice(0, maxTensors).flatMap(([name, value]): Tensor[] => {
    if (typeof name !== 'string' || classOf(value)?.name !== 'TensorStorageMetadata') return [];
    const size = entry(attributesOf(value), 'size');
    const shape = (itemsOf(isNode(size) && size.kind === 'object' ? itemsOf(size.args)?.[0] : size) ?? []).filter(
      (side) => typeof side === 'number',
    );
    const properties = entry(attributesOf(value), 'properties');
    const state = isNode(properties) && properties.kind === 'object' ? properties.state : undefined;
    const dtype = globalName(itemsOf(state)?.[0])?.replace(/^torch\./, '') ?? 'unknown';
    return [{ name: name.slice(0, 500), shape, dtype, bytes: null }];
  });
}
