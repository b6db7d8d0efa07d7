/** Stems of files with hyperparameters, in any case. */
const paramsStem =
  '(params|parameters|hparams|hyperparams|hyperparameters|config|cfg|settings|args|opt|opts|train_args|train_config|training_config)';
/** Stems of files with metrics. */
const metricsStem =
  '((.+[_.-])?(metrics?|scores?)|evaluation|eval([_.-].+)?|(all|train|test|val|valid|predict)_results?|results|summary)';

function namesOf(stem: string, endings: string): RegExp {
  return new RegExp(`^${stem}\\.(${endings})$`, 'i');
}

export const jsonParams = namesOf(paramsStem, 'json');
export const yamlParams = namesOf(paramsStem, 'ya?ml');
export const tomlParams = namesOf(paramsStem, 'toml');

/** True for names of files that people write for trainings to read; trainings write others, such as `args.json`. */
export function isGivenName(name: string): boolean {
  return [jsonParams, yamlParams, tomlParams].some((one) => one.test(name)) && !/args|^opts?\./i.test(name);
}

/** `scalars.json` is mmengine's and `result.json` Ray Tune's; both have readers of their own. */
export const jsonMetrics =
  /^((.+[_.-])?(metrics?|scores?|history|eval_results?)|eval.*|(all|train|test|val|valid|predict)_results?|results|report|summary|wandb-summary|(.+[_.-])?(classification|evaluation|eval|test)_report)\.json$/i;
export const yamlMetrics = namesOf(metricsStem, 'ya?ml');
export const tomlMetrics = namesOf(metricsStem, 'toml');
/** Only these names of text files are read, as text may be anything. */
export const textMetrics = namesOf(metricsStem, 'txt');
/** Text files with a JSON object on each line, as DETR and its followers write. */
export const textLogs = /^(log|logs|train_log|training_log|history)\.txt$/i;
/** JSON lines of these names only; `train.jsonl` and the like are data. */
export const jsonLines =
  /^(.*[_.-])?(metrics?|scores|logs?|history|results?|progress|loss(es)?|evaluation|eval)\.(jsonl|ndjson)$/i;

/** True for a file whose lists of numbers are series over steps. */
export function isHistory(fileName: string): boolean {
  return /(history|evals_result|losses|curves?|log)[^/]*$/i.test(fileName);
}
