import type { Path } from './place.ts';

/** What each key of a plinth.yaml means, one or two sentences each. */
const keys: Record<string, string> = {
  watch: 'How folders below this file are watched: which files become versions, and of which model.',
  metrics: 'Which way each metric is better, where its name does not tell: `higher` or `lower`.',
  models: 'Rules for registered models. The first entry that matches a name holds for it.',
  'watch.path': 'A glob of folders, relative to this file. `{model}` and `{run}` each stand for a part of one name.',
  'watch.register':
    'Which artifact of a run becomes a version: `final`, the `best` by `metric`, `every` save, or none by itself (`manual`).',
  'watch.metric': 'The metric that tells the best save of a run.',
  'watch.include': 'Globs below the path: only these files are looked at.',
  'watch.ignore': 'Globs below the path: these files are left alone.',
  'models.match': 'Which models: a name, or a glob where `*` stands for any characters but a slash.',
  'models.owner': 'Who answers for these models.',
  'models.name': 'How these models may be called.',
  'models.tags': 'Tags that model or version must have before any pointer moves to it.',
  'models.stages': 'Stages in their order. `development` and `archived` are always there.',
  'models.metrics': 'Which way a metric is better, and how large a difference is no difference.',
  'models.card': 'Fields that the model card must fill before any pointer moves.',
  'models.bytes':
    'Whether Plinth must hold the bytes of what an exclusive stage has (`owned`, the default), or they may lie elsewhere, unverified (`external`).',
  'models.gates':
    'Checks before a pointer moves, by stage or `@alias`. `*` stands for every stage, `@*` for every alias.',
  'models.name.pattern': 'A glob that every name must match.',
  'models.name.reserved': 'Words that no name may be, or hold between separators.',
  'models.metrics.direction': 'Whether more is better (`higher`) or less (`lower`).',
  'models.metrics.tolerance': 'A difference up to this, a number or a share such as `1%`, counts as none.',
  'models.stages.exclusive':
    'Whether at most one version may be in the stage. Then it has a holder, and can be rolled back.',
};

const gates: Record<string, string> = {
  metric: 'A metric of the version lies within bounds: `at_least`, `at_most`.',
  no_regression: 'A metric is not worse than the holder’s, by more than `tolerance`.',
  improvement: 'A metric is better than the holder’s, `by` at least so much.',
  slices: 'A metric holds in every group of a table: the `worst` of them, or the `gap` between them.',
  same_data: 'The version was evaluated on the same data as the holder.',
  budget: 'A cost stays below `at_most`: a metric such as latency, or the version’s size.',
  card: 'The model card fills these fields.',
  tags: 'Model or version has these tags.',
  evidence: 'These files are attached to the version.',
  pickle: 'What loading the version’s pickle would do is allowed.',
  git: 'The code that made it was committed (`clean`), on a `branch`.',
  lineage: 'It is known where the version came from.',
  age: 'The version is not older than `at_most`.',
  signature: 'Inputs and outputs are those of the holder.',
  approvals: 'So many people approved.',
  command: 'A command of this repository succeeds. It runs only after `plinth trust`.',
};

const gateKeys: Record<string, string> = {
  gate: 'The kind of check.',
  metric: 'Name of the metric, as it was logged.',
  at_least: 'The least that passes.',
  at_most: 'The most that passes: a number, a size such as `100 MB`, or a time such as `30d`.',
  tolerance: 'How much worse still passes: a number, or a share such as `1%`.',
  noise_of: 'Takes the spread of so many earlier versions as the tolerance.',
  by: 'How much better is enough: a number, or a share such as `1%`.',
  timeout: 'How long the command may take, such as `10m`.',
  run: 'The command.',
};

/** What a key means where it stands; undefined where nothing is known of it. */
export function keyWords(path: Path, key: string): string | undefined {
  const named = path.filter((part) => typeof part === 'string');
  if (named[0] === 'models' && named[1] === 'gates' && named.length >= 3) return gateKeys[key];
  const within = named[0] === 'models' && named[1] === 'metrics' ? named.slice(0, 2) : named;
  return keys[[...within, key].join('.')];
}

export function gateWords(kind: string): string | undefined {
  return gates[kind];
}
