/** Words that describe a file's or folder's purpose, not its model; each may have a number: `run3`. */
const genericWords = new Set(
  `run runs trial trials exp exps experiment experiments version versions v ver rev release job jobs task sweep
  checkpoint checkpoints ckpt ckpts chkpt cp epoch epochs ep step steps iter iteration it fold folds cv seed rank worker part
  weight weights w model models mdl net module params state dict output outputs out outdir result results artifact artifacts
  log logs multirun save saves saved snapshot snapshots export exports exported best last final latest current
  new old tmp temp train training trained fit mlruns mlartifacts wandb offline dvclive tensorboard tb files variables
  default untitled checkpointing finalized finalised output_dir dev development prod production staging archived archive none`.split(
    /\s+/,
  ),
);

/** Further words for folders that hold parts of any project. */
const containerWords = new Set(
  `src source code build dist target lib scripts notebook notebooks app apps api server web webapp backend frontend service services ml ai
  data dataset datasets backup backups bak copy static assets resources my the and config configs trainer pretrained detect
  segment classify pose obb val valid test tests eval predict network networks estimator pkl pkls pickles h5 joblib onnx pt
  pth checkpointed wts workspace workspaces serialized iterations full optimized opt demo content working`.split(/\s+/),
);

/** Hyperparameters and metrics. With a number they distinguish saves, as in `lr_0.01`; `lr_model` is a logistic regression. */
const settings = /^(lr|bs|wd|loss|acc|auc|f1|depth|batch|dropout|l[12]|[a-z]\d?)$/;

const genericPatterns = [
  /^lightning_logs$/,
  /** The name that diffusers gives to every LoRA. */
  /^pytorch_lora(_weights)?$/,
  /** uuid, and `m-<hex>` of MLflow. */
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^m-[0-9a-f]{32}$/,
  /** `epoch=7-step=72-val_loss=0.171`, `epoch_024`. */
  /^(best[-_.]|last[-_.])?(epoch|step|iter)[=_-]?\d+/,
  /** mmengine: `best_coco_bbox_mAP_epoch_2`. */
  /^best_\w+_(epoch|iter)_\d+$/,
  /** W&B: `run-20261121_090726-4n3lea50`. */
  /^(offline-)?run-\d{8}_\d{6}-\w{8}$/,
  /** TensorBoard's default: `Nov25_18-13-57_host`. */
  /^[a-z]{3}\d\d_\d\d-\d\d-\d\d/,
  /** Ray Tune: `train_fn_a1b2c_00000_0_lr=0.1_2026-11-21_09-07-26`. */
  /_\d{5}_\d+_.*\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/,
];

/** A temporary folder of Python: `tmpn_w8mzqx`. */
const temporary = /^tmp[a-z0-9_]{8}$/;

const separators = /[-_.=+ ,()[\]~]+/;

/**
 * True for a name that distinguishes saves, not models: `run-001`, `version_0`, `checkpoint-8`, `best_model`, dates, times,
 * numbers, hashes, ids. An empty name is generic.
 */
export function isGeneric(name: string): boolean {
  const lower = name.toLowerCase();
  return matchesPattern(lower) || lower.split(separators).every((token) => isGenericToken(token) || isRandomId(token));
}

/**
 * True for a name that does not identify a model: a generic one, one of a container folder, and both joined: `src`,
 * `savedModels`, `final_weights`.
 */
export function isMeaningless(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  if (matchesPattern(name.toLowerCase()) || temporary.test(name)) return true;
  const tokens = words.split(separators);
  const hasNumber = tokens.some((token) => /^\d+$/.test(token));
  return tokens.every(
    (token) =>
      isGenericToken(token) ||
      isContainer(token) ||
      isJoined(token) ||
      (isRandomId(token) && !/^[a-z]{4}/.test(token)) ||
      /^\d+[kmb]$/.test(token) ||
      (hasNumber && settings.test(token)),
  );
}

function matchesPattern(lower: string): boolean {
  return genericPatterns.some((pattern) => pattern.test(lower));
}

function isGenericToken(token: string): boolean {
  if (/^\d*$/.test(token) || /^\d+(t\d+)?z?$/.test(token)) return true;
  if (genericWords.has(token)) return true;
  const numbered = /^([a-z]+?)\d+$/.exec(token);
  if (numbered?.[1] !== undefined && genericWords.has(numbered[1])) return true;
  return isHash(token);
}

function isContainer(token: string): boolean {
  return containerWords.has(token.replace(/\d+$/, '')) || containerWords.has(token);
}

/** True for generic words without a separator: `finalmodel`, `savedmodels`, `0412checkpoints`. */
function isJoined(token: string): boolean {
  const rest = token.replaceAll(joinable, '');
  return rest !== token && /^\d*$/.test(rest);
}

const joinable =
  /checkpoints?|weights|models?|final|best|latest|trained|training|saved|outputs?|results?|artifacts?|exported|snapshots?|new/g;

export function isHash(token: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(token) && /\d/.test(token) && /[a-f]/.test(token);
}

/** True for eight well mixed letters and digits, such as W&B's run ids; `resnet50` is not. */
function isRandomId(token: string): boolean {
  return /^[a-z0-9]{8}$/.test(token) && (token.match(/\d+/g)?.length ?? 0) >= 2 && /\d[a-z]/.test(token);
}
