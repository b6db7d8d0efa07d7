/** Words that say what a folder or file is for, not which model it holds; each may carry a number: `run3`. */
const WORDS = new Set(
  `run runs trial trials exp exps experiment experiments version versions v ver rev release job jobs task sweep
  checkpoint checkpoints ckpt ckpts chkpt cp epoch epochs ep step steps iter iteration it fold folds cv seed rank worker part
  weight weights w model models mdl net module params state dict output outputs out outdir result results artifact artifacts
  log logs multirun save saves saved snapshot snapshots export exports exported best last final latest current
  new old tmp temp train training trained fit mlruns mlartifacts wandb offline dvclive tensorboard tb files variables
  default untitled checkpointing output_dir dev development prod production staging archived archive none`.split(/\s+/),
);

const PATTERNS = [
  /^lightning_logs$/,
  /** uuid, and `m-<hex>` of MLflow. */
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^m-[0-9a-f]{32}$/,
  /** `epoch=7-step=72-val_loss=0.171`, `epoch_024`. */
  /^(best[-_.]|last[-_.])?(epoch|step|iter)[=_-]?\d+/,
  /** W&B: `run-20261121_090726-4n3lea50`. */
  /^(offline-)?run-\d{8}_\d{6}-\w{8}$/,
  /** TensorBoard's default: `Nov25_18-13-57_host`. */
  /^[a-z]{3}\d\d_\d\d-\d\d-\d\d/,
  /** Ray Tune: `train_fn_a1b2c_00000_0_lr=0.1_2026-11-21_09-07-26`. */
  /_\d{5}_\d+_.*\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/,
];

/**
 * True for names that distinguish one saving from another rather than one model from another: `run-001`, `version_0`,
 * `checkpoint-8`, `best_model`, dates, times, numbers, hashes, ids. An empty name is generic.
 */
export function isGeneric(name: string): boolean {
  const lower = name.toLowerCase();
  return PATTERNS.some((pattern) => pattern.test(lower)) || lower.split(/[-_.=+ ,()[\]]+/).every(isGenericToken);
}

function isGenericToken(token: string): boolean {
  if (/^\d*$/.test(token) || /^\d+(t\d+)?z?$/.test(token)) return true;
  if (WORDS.has(token)) return true;
  const numbered = /^([a-z]+?)\d+$/.exec(token);
  if (numbered?.[1] !== undefined && WORDS.has(numbered[1])) return true;
  return isHash(token) || isRandomId(token);
}

function isHash(token: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(token) && /\d/.test(token) && /[a-f]/.test(token);
}

/** Eight letters and digits well mixed, as W&B's run ids are; `resnet50` is not. */
function isRandomId(token: string): boolean {
  return /^[a-z0-9]{8}$/.test(token) && (token.match(/\d+/g)?.length ?? 0) >= 2 && /\d[a-z]/.test(token);
}
