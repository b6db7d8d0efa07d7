import type { Gate } from '../../../policy/gate-schema.ts';
import type { Path } from './position.ts';

/** Documentation of each key of a plinth.yaml, one or two sentences. */
const keys: Record<string, string> = {
  watch: 'How folders below this file are watched: which files become versions, and of which model.',
  metrics: 'Whether a `higher` or a `lower` value is better, for metrics whose name does not say so.',
  models: 'Rules for registered models. The first entry that matches the name of a model applies to it.',
  'watch.path':
    'A glob of folders, relative to this file. `{model}`, `{run}` and other placeholders that `model` uses each match a part of one folder name.',
  'watch.model':
    'The name of the model: a text, in which `{…}` is what that placeholder matches in `path`. Without it `{model}` of the path is the name.',
  'watch.register':
    'Which artifact of a run becomes a version: the `final` one, the `best` by `metric`, `every` save, or none automatically (`manual`).',
  'watch.metric': 'The metric by which the best save of a run is selected.',
  'watch.include': 'Globs below the path: only these files are registered.',
  'watch.ignore': 'Globs below the path: these files are ignored.',
  'models.match': 'The models: a name, or a glob in which `*` matches any characters except a slash.',
  'models.owner': 'The owner of these models.',
  'models.name': 'Rules for the names of these models.',
  'models.tags': 'Tags that the model or the version must have before the version can be promoted.',
  'models.stages': 'Stages in their order. `development` and `archived` always exist.',
  'models.metrics': 'The direction of a metric, and its tolerance: differences up to it are ignored.',
  'models.card': 'Fields that the model card must contain before a version can be promoted.',
  'models.bytes':
    'Whether the files of a version in an exclusive stage must be stored by Plinth (`owned`, the default) or may be elsewhere, unverified (`external`).',
  'models.evidence':
    'Which evidence gates accept: `any` that counts (the default), or only evidence that is known to be of the version and not by the place of its file (`strict`).',
  'models.gates': 'Checks before a promotion, by stage or `@alias`. `*` means every stage, `@*` every alias.',
  'models.name.pattern': 'A glob that every name must match.',
  'models.name.reserved': 'Words that no name may be or contain between separators.',
  'models.metrics.direction': 'Whether a `higher` or a `lower` value is better.',
  'models.metrics.tolerance': 'Differences up to this are ignored: a number or a share such as `1%`.',
  'models.stages.exclusive':
    'Whether at most one version may be in the stage. Such a stage has a current version and can be rolled back.',
};

const gates: Record<Gate['gate'], string> = {
  metric: 'A metric of the version is within the bounds `at_least` and `at_most`.',
  no_regression: 'A metric is not worse than that of the current version by more than `tolerance`.',
  improvement: 'A metric is better than that of the current version, `by` at least this much.',
  slices: 'A metric is checked in every group of a table: the `worst` group, or the `gap` between groups.',
  same_data: 'The version was evaluated on the same data as the current version.',
  budget: 'A cost stays below `at_most`: a metric such as latency, or the version’s size.',
  card: 'The model card contains these fields.',
  tags: 'The model or the version has these tags.',
  evidence: 'These files are attached to the version.',
  pickle: 'The result of the pickle scan is one of those allowed.',
  git: 'The version was made from committed code (`clean`), on a `branch`.',
  lineage: 'The lineage of the version is known.',
  age: 'The version is not older than `at_most`.',
  signature: 'Inputs and outputs are the same as those of the current version.',
  approvals: 'Enough people have approved the version.',
  command: 'A command of this repository exits with 0. It runs only after `plinth trust`.',
};

const gateKeys: Record<string, string> = {
  gate: 'The kind of check.',
  metric: 'Name of the metric, as it was logged.',
  at_least: 'The lowest value that passes.',
  at_most: 'The highest value that passes: a number, a size such as `100 MB`, or a time such as `30d`.',
  tolerance: 'How much worse a value may be: a number or a share such as `1%`.',
  noise_of: 'Uses the spread of this many earlier versions as the tolerance.',
  evidence:
    'Which evidence is accepted: `any` that counts, or `strict`: inside the artifact, of the same run, measured on it, or given.',
  by: 'How much better a value must be: a number or a share such as `1%`.',
  timeout: 'How long the command may take, such as `10m`.',
  run: 'The command.',
};

/** Returns the documentation of a key at its place; undefined for an unknown key. */
export function keyWords(path: Path, key: string): string | undefined {
  const named = path.filter((part) => typeof part === 'string');
  if (named[0] === 'models' && named[1] === 'gates' && named.length >= 3) return ownText(gateKeys, key);
  const within = named[0] === 'models' && named[1] === 'metrics' ? named.slice(0, 2) : named;
  return ownText(keys, [...within, key].join('.'));
}

export function gateWords(kind: string): string | undefined {
  return ownText(gates, kind);
}

/** Looks a key up without the prototype, as keys come from a file and may be `constructor`. */
function ownText(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined;
}
