import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport, Problem } from '../../../protocol/artifact.ts';
import { judge, judgeHidden, joinReadings } from '../../../formats/pickle/pickle-safety.ts';
import { attributesOf, classOf, entriesOf, entry, isNode, itemsOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { scanPickle } from '../../../formats/pickle/pickle.ts';
import type { PickleScan } from '../../../formats/pickle/pickle.ts';
import type { Source } from '../../../formats/source.ts';
import type { Inspection } from '../recogniser.ts';
import { isTransformer } from '../companions.ts';
import { estimatorFacts } from './estimator.ts';
import { numbersIn } from './scalars.ts';
import { entriesToJson } from './pickle-to-json.ts';
import { mainProblem, modelFacts, unreadable } from './facts.ts';

const maxPickles = 64;
/** Keys under which scripts save metrics and params in one mapping with the model. */
const metricKeys = /^(metrics?|scores?|results?|evaluation|performance)$/i;
const paramKeys = /^((hyper_?)?param(eter)?s|config|settings|args)$/i;
const modelName = /model|weight|clf|classif|regress|estimator|net|policy|checkpoint|ckpt|best|final|last/i;
/** Frameworks by top-level module. Estimators of these libraries are models; other objects get the framework `python`. */
const frameworks = new Map([
  ['sklearn', 'scikit-learn'],
  ['imblearn', 'imbalanced-learn'],
  ['xgboost', 'xgboost'],
  ['lightgbm', 'lightgbm'],
  ['catboost', 'catboost'],
  ['torch', 'pytorch'],
  ['transformers', 'transformers'],
  ['keras', 'keras'],
  ['tensorflow', 'tensorflow'],
  ['statsmodels', 'statsmodels'],
  ['prophet', 'prophet'],
  ['spacy', 'spacy'],
  ...[
    'gensim',
    'surprise',
    'lightfm',
    'implicit',
    'pmdarima',
    'sktime',
    'sklearn_crfsuite',
    'hmmlearn',
    'hdbscan',
    'umap',
    'river',
    'pyod',
    'lifelines',
    'sksurv',
    'ngboost',
    'skorch',
    'scikeras',
    'tpot',
    'flaml',
    'econml',
    'mlxtend',
    'interpret',
    'pytorch_tabnet',
    'cuml',
  ].map((name): [string, string] => [name, name.replaceAll('_', '-')]),
]);

/**
 * Inspects a pickle, perhaps in joblib's form: whole if STOP is its last byte. `cut`: the source is only the first part of the
 * content, so its end proves nothing. `fileName` decides whether plain data may be a model.
 */
export function inspectPickle(source: Source, format: string, fileName: string, cut = false): Inspection {
  if (source.size === 0) return { state: 'partial', reason: 'The file is empty.' };
  const scan = scanPickle(source, 'joblib');
  const marked = source.read(0, 1)[0] === 0x80;
  if (scan.failure?.kind === 'truncated' && !cut) return { state: 'partial', reason: 'The pickle has no STOP yet.' };
  if (scan.failure !== undefined && source.size < 8)
    return { state: 'partial', reason: 'The file is too short to tell.' };
  if (scan.failure?.kind === 'malformed' && !marked) return { state: 'foreign', reason: 'This is not a pickle.' };
  const rest = cut || scan.failure !== undefined ? [] : scanRest(source, scan.end);
  const last = rest.at(-1);
  if (last?.failure?.kind === 'truncated' && last.protocol > 0) {
    return { state: 'partial', reason: 'A further pickle in the file has no STOP yet.' };
  }
  const problems = findProblems(scan, last);
  const report = reportOf(source, [scan, ...rest.filter((next) => next.failure === undefined)]);
  if (
    report.verdict !== 'runs code' &&
    scan.failure === undefined &&
    isData(scan.root) &&
    !mayBeWeights(scan, fileName)
  ) {
    return { state: 'foreign', reason: 'The pickle contains data and no model.' };
  }
  const facts = withMain(factsOf(scan, format, report, problems));
  const inspection: Inspection = { state: problems.length > 0 || cut ? 'unmarked' : 'whole', facts };
  return preparesInput(scan.root) ? { ...inspection, companion: true } : inspection;
}

/** Scans the pickles after the first, as a file may hold several dumps. The last scan has failed if the rest of the file is no pickle. */
function scanRest(source: Source, from: number): PickleScan[] {
  const scans: PickleScan[] = [];
  for (let at = from; at < source.size && scans.length < maxPickles;) {
    const scan = scanPickle(source, 'joblib', at);
    scans.push(scan);
    if (scan.failure !== undefined) break;
    at = scan.end;
  }
  return scans;
}

function findProblems(scan: PickleScan, last: PickleScan | undefined): Problem[] {
  if (scan.failure !== undefined) return [unreadable(scan.failure.message)];
  if (last?.failure === undefined) return [];
  return [{ code: 'trailing-bytes', message: 'Bytes follow the end of the pickle.' }];
}

function reportOf(source: Source, scans: PickleScan[]): PickleReport {
  const readings = scans.map((scan) => judge(scan));
  const hidden = scans.some((scan) => scan.arrays > 0) ? judgeHidden(source) : undefined;
  return joinReadings(hidden === undefined ? readings : [...readings, hidden]) as PickleReport;
}

function factsOf(scan: PickleScan, format: string, pickle: PickleReport, problems: Problem[]): ModelFacts {
  const model = findModel(scan.root, 0);
  const made = classOf(model);
  const framework = frameworks.get(made?.module.split('.')[0] ?? '') ?? frameworkNamed(scan);
  const cloud = pickle.imports.some((name) => name.startsWith('cloudpickle.'));
  const shared = { pickle, problems, format: cloud ? 'cloudpickle' : format, framework };
  if (model === undefined || made === undefined) return modelFacts({ ...shared, modelClass: cloudClass(scan.root) });
  const own = estimatorFacts(model);
  const bundled = bundleFacts(scan.root);
  const metrics = { ...own.metrics, ...bundled.metrics };
  const params = { ...own.params, ...bundled.params };
  return modelFacts({ ...shared, modelClass: made.name.slice(0, 200), ...own, metrics, params });
}

/** Returns metrics and params that a script saved in one mapping with the model: `{"model": …, "metrics": {"auc": 0.9}, "params": {…}}`. */
function bundleFacts(root: PickleValue | undefined): Pick<ModelFacts, 'metrics' | 'params'> {
  const entries = entriesOf(root) ?? [];
  const under = (names: RegExp): PickleValue[] =>
    entries.flatMap(([key, value]) => (typeof key === 'string' && names.test(key) ? [value] : []));
  return {
    metrics: Object.assign({}, ...under(metricKeys).map((value) => numbersIn(value))) as Record<string, number>,
    params: Object.assign({}, ...under(paramKeys).map(entriesToJson)) as Record<string, Json>,
  };
}

/** True for a transformer, or a pipeline that ends with one. */
function preparesInput(root: PickleValue | undefined): boolean {
  const made = classOf(root);
  if (made === undefined) return false;
  if (made.module !== 'sklearn.pipeline') return isTransformer(made.module);
  const steps = itemsOf(entry(attributesOf(root), 'steps') ?? entry(attributesOf(root), 'transformer_list')) ?? [];
  return preparesInput(itemsOf(steps.at(-1))?.[1]);
}

function withMain(facts: ModelFacts): ModelFacts {
  const problem = mainProblem(facts.pickle);
  return problem === undefined ? facts : { ...facts, problems: [...facts.problems, problem] };
}

/** Returns the framework that a pickle imports if its object could not be reconstructed; `python` otherwise. */
function frameworkNamed(scan: PickleScan): string {
  if (scan.root !== undefined) return 'python';
  return scan.globals.flatMap((name) => frameworks.get(name.split('.')[0] ?? '') ?? [])[0] ?? 'python';
}

/** Returns the object itself, or the first object of a known library in a dict, list or tuple; undefined for none. */
function findModel(value: PickleValue | undefined, depth: number): PickleValue | undefined {
  const made = classOf(value);
  const known = made !== undefined && frameworks.has(made.module.split('.')[0] ?? '');
  if (known || (depth === 0 && made !== undefined && !isDataClass(made.module))) return value;
  if (depth >= 2) return undefined;
  const inner = entriesOf(value)?.map(([, item]) => item) ?? itemsOf(value) ?? [];
  for (const item of inner.slice(0, 100)) {
    const found = findModel(item, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the name of a class that cloudpickle stored with the object, `_make_skeleton_class(type, name, …)`; null for none. */
function cloudClass(root: PickleValue | undefined): string | null {
  const callable = isNode(root) && root.kind === 'object' ? root.callable : undefined;
  const name = isNode(callable) && callable.kind === 'object' ? itemsOf(callable.args)?.[1] : undefined;
  return typeof name === 'string' ? name.slice(0, 200) : null;
}

/** True for numbers, texts, arrays and tables, and containers of only those. */
function isData(root: PickleValue | undefined): boolean {
  if (root === undefined || findModel(root, 0) !== undefined) return false;
  return !isNode(root) || root.kind !== 'object' || isDataClass(classOf(root)?.module ?? 'unknown');
}

/** True if data may be a script's own weights, such as a dict of arrays: its file's name must say so. */
function mayBeWeights(scan: PickleScan, fileName: string): boolean {
  const arrays = scan.arrays > 0 || scan.globals.some((name) => /^(numpy|jax)/.test(name));
  return modelName.test(fileName) || (arrays && /param/i.test(fileName));
}

function isDataClass(module: string): boolean {
  return /^(numpy|pandas|builtins|__builtin__|collections|datetime|scipy\.sparse|decimal)(\.|$)/.test(module);
}
