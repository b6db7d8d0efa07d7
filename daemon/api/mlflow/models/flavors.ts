import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { joblibLoader, kerasLoader } from './loaders.ts';

type Flavors = Record<string, Record<string, Json>>;

interface FlavorSource {
  facts: ModelFacts;
  /** Path of the version's primary file. */
  primary: string;
  /** Paths of all its files. */
  paths: readonly string[];
}

interface Made {
  flavors: Flavors;
  texts?: Readonly<Record<string, string>>;
  copies?: readonly [path: string, of: string][];
}

/**
 * Returns how MLflow's clients load the files of a framework; undefined if they cannot. Source: `_load_pyfunc` and `load_model`
 * of mlflow's flavours.
 */
export function flavorsOf(framework: string, known: FlavorSource): Made | undefined {
  const make = Object.hasOwn(makers, framework) ? makers[framework] : undefined;
  return make?.(known);
}

const makers: Readonly<Record<string, (known: FlavorSource) => Made | undefined>> = {
  'scikit-learn': sklearn,
  xgboost: ({ facts, primary }) => ({
    flavors: {
      python_function: { loader_module: 'mlflow.xgboost', data: primary },
      xgboost: {
        data: primary,
        model_class: xgboostClass(facts.modelClass),
        model_format: primary.split('.').at(-1) ?? 'json',
        xgb_version: versionOf(facts),
        code: null,
      },
    },
  }),
  lightgbm: ({ facts, primary }) => ({
    flavors: {
      python_function: { loader_module: 'mlflow.lightgbm', data: primary },
      lightgbm: { data: primary, model_class: 'lightgbm.basic.Booster', lgb_version: versionOf(facts), code: null },
    },
  }),
  onnx: ({ primary }) => ({
    flavors: {
      python_function: { loader_module: 'mlflow.onnx', data: primary },
      onnx: { data: primary, onnx_version: '', providers: ['CPUExecutionProvider'], code: null },
    },
  }),
  pytorch,
  keras,
  transformers,
};

function versionOf({ frameworkVersion }: ModelFacts): string {
  return frameworkVersion ?? '';
}

/** Returns the flavour of a scikit-learn model. MLflow's own one does not read files of joblib. */
function sklearn({ facts, primary }: FlavorSource): Made {
  if (/joblib/i.test(facts.format) || /\.joblib$/i.test(primary))
    return loadedBy('plinth_joblib', joblibLoader, primary);
  const format = /\.skops$/i.test(primary) ? 'skops' : 'pickle';
  return {
    flavors: {
      python_function: { loader_module: 'mlflow.sklearn', model_path: primary, predict_fn: 'predict' },
      sklearn: {
        pickled_model: primary,
        serialization_format: format,
        sklearn_version: versionOf(facts),
        code: null,
      },
    },
  };
}

function loadedBy(module: string, loader: string, primary: string): Made {
  return {
    flavors: { python_function: { loader_module: module, data: primary, code: 'code' } },
    texts: { [`code/${module}.py`]: loader },
  };
}

function xgboostClass(name: string | null): string {
  return name !== null && /^XGB\w+$/.test(name) ? `xgboost.sklearn.${name}` : 'xgboost.core.Booster';
}

/** Returns the flavour of a whole module or TorchScript; undefined for a state_dict, as its class is unknown. */
function pytorch({ facts, primary }: FlavorSource): Made | undefined {
  if (!/whole module$|^torchscript$/.test(facts.format)) return undefined;
  return {
    flavors: {
      python_function: { loader_module: 'mlflow.pytorch', data: primary },
      pytorch: { model_data: primary, pytorch_version: versionOf(facts), code: null },
    },
  };
}

/** Returns the flavour of an archive, which MLflow names without its ending, or of a whole model in HDF5; undefined for weights alone. */
function keras({ facts, primary }: FlavorSource): Made | undefined {
  const stem = /^(.+)\.keras$/.exec(primary)?.[1];
  if (stem === undefined) return facts.modelClass === null ? undefined : loadedBy('plinth_keras', kerasLoader, primary);
  return {
    flavors: {
      python_function: { loader_module: 'mlflow.keras' },
      keras: { data: stem, keras_version: versionOf(facts), save_exported_model: false, code: null },
    },
  };
}

/** Task and pipeline by the end of a model's class name. */
const tasks: readonly (readonly [RegExp, string, string])[] = [
  [/ForSequenceClassification$/, 'text-classification', 'TextClassificationPipeline'],
  [/ForTokenClassification$/, 'token-classification', 'TokenClassificationPipeline'],
  [/ForQuestionAnswering$/, 'question-answering', 'QuestionAnsweringPipeline'],
  [/ForMaskedLM$/, 'fill-mask', 'FillMaskPipeline'],
  [/(ForCausalLM|LMHeadModel)$/, 'text-generation', 'TextGenerationPipeline'],
];
const tokenizerFile =
  /^(tokenizer.*|vocab\..*|merges\.txt|special_tokens_map\.json|added_tokens\.json|.*\.model|chat_template\..*)$/;

/** Returns the flavour of a `save_pretrained` folder with a tokenizer, whose files MLflow expects in a folder of their own; undefined for others. */
function transformers({ facts, paths }: FlavorSource): Made | undefined {
  const { modelClass } = facts;
  const task = tasks.find(([ending]) => modelClass !== null && ending.test(modelClass));
  const ofTokenizer = paths.filter((path) => tokenizerFile.test(path));
  if (!task || modelClass === null || ofTokenizer.length === 0 || !paths.includes('config.json')) return undefined;
  return {
    flavors: {
      python_function: { loader_module: 'mlflow.transformers' },
      transformers: {
        task: task[1],
        instance_type: task[2],
        framework: 'pt',
        pipeline_model_type: modelClass,
        source_model_name: '',
        model_binary: '.',
        components: ['tokenizer'],
        tokenizer_type: 'AutoTokenizer',
        transformers_version: versionOf(facts),
        code: null,
      },
    },
    copies: [...ofTokenizer, 'config.json'].map((path): [string, string] => [`components/tokenizer/${path}`, path]),
  };
}
