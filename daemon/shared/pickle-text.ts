import * as l10n from '@vscode/l10n';
import type { PickleReport } from '../protocol/artifact.ts';

/** Well-known libraries whose classes models consist of. They are named to users; being known does not make them safe. */
const libraries = new Set(
  'accelerate albumentations allennlp autogluon bertopic catboost category_encoders causalml chemprop cuml dask datasets detectron2 diffusers dgl econml ensemble_boxes evaluate fairseq fastai fasttext feature_engine flair flax gensim h2o hdbscan hydra imblearn implicit interpret jax joblib keras lifelines lightfm lightgbm lightning mapie mlflow mmcv mmdet mmengine monai neuralforecast neuralprophet ngboost nltk numpy omegaconf onnx open_clip optuna pandas peft pmdarima polars prophet pycaret pyod pyspark pytorch_lightning pytorch_metric_learning pytorch_tabnet ray river scipy seaborn segmentation_models_pytorch sentence_transformers setfit shap skforecast sklearn sklearn_crfsuite skopt skorch sktime spacy speechbrain stable_baselines3 stanza statsforecast statsmodels surprise tensorflow thinc timm tokenizers torch torch_geometric torchaudio torchmetrics torchtext torchvision tpot transformers tslearn ultralytics umap xgboost yolov5'.split(
    ' ',
  ),
);
/** Modules of Python itself that give access to processes, files, code and the network. */
const python =
  /^(_?_?builtin__?s?|builtins|__builtin__|os|posix|nt|sys|subprocess|importlib|runpy|pty|socket|shutil|ctypes|code|codeop|operator|_operator|functools|itertools|pickle|_pickle|cPickle|dill|cloudpickle|marshal|types|io|_io|tempfile|webbrowser|urllib|http|ftplib|smtplib|asyncio|multiprocessing|threading|_thread|signal|inspect|pdb|bdb|timeit|profile|cProfile|trace|platform|commands|pip|setuptools|distutils|venv|zipimport|pkgutil|pydoc|doctest|unittest|test|idlelib|logging|gc|weakref|copyreg|copy_reg|abc|collections|enum|re|random|string|datetime|decimal|uuid|pathlib|argparse|typing|copy|numpy\.testing)(\.|$)/;
/** Classes that libraries re-export and that do more than hold a model. */
const doesMore =
  /^(Popen|Process|Pool|Thread|Timer|CDLL|PyDLL|WinDLL|OleDLL|LibraryLoader|FunctionType|CodeType|MethodType|LambdaType|Lambda|Socket|Connection|Unpickler|Compile\w*|Shell\w*|Exec\w*|Command\w*)$/;
const className = /^_?[A-Z]\w*$/;
const maxNamed = 4;

/** Globals that are not known to rebuild only data, by kind. */
interface Parts {
  libraries: string[];
  own: string[];
  /** True if a global belongs to the script itself, which runs as `__main__`. */
  script: boolean;
  /** Full names of globals that are no plain classes, at most a few. */
  calls: string[];
}

/**
 * Describes in a sentence what loading a pickle would do. If it names only classes, of libraries or of the user's own modules,
 * the sentence says so; loading still runs what these classes do, so it is never called safe.
 */
export function pickleSentence({ verdict, imports, unknown }: PickleReport): string {
  if (verdict === 'no code') return l10n.t('This pickle contains no code.');
  if (verdict === 'known imports only') return l10n.t('Safe imports only: all classes come from known libraries.');
  if (verdict === 'unreadable') return l10n.t('This pickle could not be analysed; treat it as unsafe.');
  const parts = partsOf(unknown ?? imports);
  const trust = l10n.t('load it only if you trust the author');
  if (parts.calls.length > 0 || unknown === undefined || unknown.length === 0) {
    const named = parts.calls.length > 0 && unknown !== undefined ? ` (${some(parts.calls)})` : '';
    return l10n.t('Unsafe: loading this pickle executes code{0}; {1}.', named, trust);
  }
  const modules = parts.own.map((name) => `\`${name}\``);
  const own =
    modules.length === 1 ? l10n.t('your own module {0}', modules[0]!) : l10n.t('your own modules {0}', some(modules));
  const whose = [
    ...(parts.libraries.length > 0 ? [some(parts.libraries)] : []),
    ...(modules.length > 0 ? [own] : []),
    ...(parts.script ? [l10n.t('the script that wrote it')] : []),
  ];
  return l10n.t('Loading this pickle runs code of {0}; {1}.', whose.join(l10n.t(' and ')), trust);
}

/** Returns the imports of a pickle by how far they are to be trusted. */
export function pickleImports({
  verdict,
  imports,
  unknown,
}: PickleReport): Record<'dangerous' | 'unknown' | 'known', string[]> {
  const open = new Set(verdict === 'runs code' ? (unknown ?? imports) : []);
  const isDangerous = (global: string): boolean => open.has(global) && isCall(global);
  const isKnown = (global: string): boolean => !open.has(global) || libraries.has(global.split('.', 1)[0] ?? '');
  return {
    dangerous: imports.filter(isDangerous),
    unknown: imports.filter((global) => !isDangerous(global) && !isKnown(global)),
    known: imports.filter((global) => !isDangerous(global) && isKnown(global)),
  };
}

/** True for a global that is no plain class, or gives access to processes, files, code or the network. */
function isCall(global: string): boolean {
  const dot = global.lastIndexOf('.');
  const [module, name] = [global.slice(0, dot), global.slice(dot + 1)];
  return !/^\w+(\.\w+)*$/.test(module) || !className.test(name) || doesMore.test(name) || python.test(module);
}

function partsOf(globals: readonly string[]): Parts {
  const parts: Parts = { libraries: [], own: [], script: false, calls: [] };
  for (const global of globals) {
    const top = global.split('.', 1)[0] ?? '';
    if (isCall(global)) parts.calls.push(global);
    else if (top === '__main__') parts.script = true;
    else if (libraries.has(top)) addOnce(parts.libraries, top);
    else addOnce(parts.own, top);
  }
  return parts;
}

function addOnce(list: string[], text: string): void {
  if (!list.includes(text)) list.push(text);
}

function some(texts: readonly string[]): string {
  return texts.slice(0, maxNamed).join(', ') + (texts.length > maxNamed ? ', …' : '');
}
