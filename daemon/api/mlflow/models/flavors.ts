import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { joblibLoader, kerasLoader } from './loaders.ts';

type Flavors = Record<string, Record<string, Json>>;

interface FlavorSource {
  facts: ModelFacts;
  /** Path of the file that stands for the version. */
  primary: string;
  /** Of all its files. */
  paths: readonly string[];
}

interface Made {
  flavors: Flavors;
  texts?: Readonly<Record<string, string>>;
  copies?: readonly [path: string, of: string][];
}

/**
 * How MLflow's clients load the files of a framework as they are; undefined where they have no way to. Source: `_load_pyfunc`
 * and `load_model` of mlflow's flavours.
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

/** What joblib wrote, MLflow's own flavour does not read. */
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

/** Whole modules and TorchScript. Of a state_dict nothing says which class it fills. */
function pytorch({ facts, primary }: FlavorSource): Made | undefined {
  if (!/whole module$|^torchscript$/.test(facts.format)) return undefined;
  return {
    flavors: {
      python_function: { loader_module: 'mlflow.pytorch', data: primary },
      pytorch: { model_data: primary, pytorch_version: versionOf(facts), code: null },
    },
  };
}

/** Archives, which MLflow names without their ending, and whole models in HDF5. Weights alone are no model. */
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

/** By the end of a model's class: the task, and the pipeline that does it. */
const tasks: readonly (readonly [RegExp, string, string])[] = [
  [/ForSequenceClassification$/, 'text-classification', 'TextClassificationPipeline'],
  [/ForTokenClassification$/, 'token-classification', 'TokenClassificationPipeline'],
  [/ForQuestionAnswering$/, 'question-answering', 'QuestionAnsweringPipeline'],
  [/ForMaskedLM$/, 'fill-mask', 'FillMaskPipeline'],
  [/(ForCausalLM|LMHeadModel)$/, 'text-generation', 'TextGenerationPipeline'],
];
const tokenizerFile =
  /^(tokenizer.*|vocab\..*|merges\.txt|special_tokens_map\.json|added_tokens\.json|.*\.model|chat_template\..*)$/;

/** A folder of `save_pretrained` with a tokenizer, whose files MLflow looks for in a folder of their own. */
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
