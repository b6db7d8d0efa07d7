import { readLightgbm, type LightgbmModel } from '../../../formats/boosters/lightgbm.ts';
import type { ModelFacts, SignatureField } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import type { FileEnding, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { boundedMetadata } from './metadata.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const textName = /(model|lgb|lightgbm|gbm|booster).*\.txt$/i;

const endings: readonly FileEnding[] = [
  { ending: '.lgb', loadRank: 14 },
  { ending: '.lgbm', loadRank: 15 },
  { ending: '.txt', loadRank: 16, mayBeModel: (name) => textName.test(name), byContent: true },
];

/** LightGBM's text format. */
export const lightgbm: Recogniser = {
  name: 'lightgbm',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const model = readLightgbm(source);
      return { state: model.ended ? 'whole' : 'unmarked', facts: factsOf(model) };
    });
  },
};

function factsOf(model: LightgbmModel): ModelFacts {
  const { header, trees, formatVersion } = model;
  const perRound = numberOf(header.get('num_tree_per_iteration')) ?? 1;
  return modelFacts({
    framework: 'lightgbm',
    format: 'lightgbm text',
    signature: model.featureNames.length === 0 ? null : { inputs: inputsOf(model), outputs: [] },
    params: boundedMetadata(paramsOf(model.params)),
    metadata: boundedMetadata({
      objective: header.get('objective') ?? null,
      trees,
      rounds: trees === null ? null : trees / Math.max(1, perRound),
      formatVersion,
      numClass: numberOf(header.get('num_class')),
      features: model.featureNames.length,
    }),
  });
}

function inputsOf({ featureNames, featureInfos }: LightgbmModel): SignatureField[] {
  return featureNames.map((name, index) => ({ name, dtype: dtypeOf(featureInfos[index]), shape: [] }));
}

function dtypeOf(info: string | undefined): string {
  return info === undefined || info === 'none' || info.startsWith('[') ? 'float' : 'category';
}

/** Converts parameters: numbers become numbers, those without a value are left out. */
function paramsOf(params: Map<string, string>): Record<string, Json> {
  const out = Object.create(null) as Record<string, Json>;
  for (const [key, value] of params) if (value !== '') out[key] = numberOf(value) ?? value;
  return out;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}
