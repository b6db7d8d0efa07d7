/** Stems of files that hold what a training was given, whatever their case. */
const paramsStem =
  '(params|parameters|hparams|hyperparams|hyperparameters|config|cfg|settings|args|opt|opts|train_args|train_config|training_config)';
/** Stems of files that hold what was measured. */
const metricsStem =
  '((.+[_.-])?(metrics?|scores?)|evaluation|eval([_.-].+)?|(all|train|test|val|valid|predict)_results?|results|summary)';

function namesOf(stem: string, endings: string): RegExp {
  return new RegExp(`^${stem}\\.(${endings})$`, 'i');
}

export const jsonParams = namesOf(paramsStem, 'json');
export const yamlParams = namesOf(paramsStem, 'ya?ml');
export const tomlParams = namesOf(paramsStem, 'toml');

/** Names under which people write what trainings are to read; others, such as `args.json`, are what trainings write. */
export function isGivenName(name: string): boolean {
  return [jsonParams, yamlParams, tomlParams].some((one) => one.test(name)) && !/args|^opts?\./i.test(name);
}

/** `scalars.json` is mmengine's, `result.json` Ray Tune's. */
export const jsonMetrics =
  /^((.+[_.-])?(metrics?|scores?|history|eval_results?)|eval.*|(all|train|test|val|valid|predict)_results?|results|report|summary|wandb-summary|(.+[_.-])?(classification|evaluation|eval|test)_report)\.json$/i;
export const yamlMetrics = namesOf(metricsStem, 'ya?ml');
export const tomlMetrics = namesOf(metricsStem, 'toml');
/** Text may be anything: only such names are looked into. */
export const textMetrics = namesOf(metricsStem, 'txt');
/** Lines of JSON in text, as DETR and its followers log. */
export const textLogs = /^(log|logs|train_log|training_log|history)\.txt$/i;
/** `train.jsonl` and the like are data. */
export const jsonLines =
  /^(.*[_.-])?(metrics?|scores|logs?|history|results?|progress|loss(es)?|evaluation|eval)\.(jsonl|ndjson)$/i;

/** Files whose lists of numbers go along steps. */
export function isHistory(fileName: string): boolean {
  return /(history|evals_result|losses|curves?|log)[^/]*$/i.test(fileName);
}
