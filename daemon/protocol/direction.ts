/** Whether more of a metric is better, told by its name; null where the name does not say. */
export function directionOf(metric: string): 'higher' | 'lower' | null {
  const words = metric.toLowerCase().split(/[^a-z0-9]+/);
  const joined = words.join('_');
  if (lower.some((word) => words.includes(word) || joined.includes(`${word}_`) || joined.endsWith(`_${word}`)))
    return 'lower';
  if (higher.some((word) => words.includes(word))) return 'higher';
  return null;
}

const lower = [
  'loss',
  'logloss',
  'mlogloss',
  'error',
  'err',
  'merror',
  'mae',
  'mse',
  'rmse',
  'rmsle',
  'mape',
  'smape',
  'wer',
  'cer',
  'perplexity',
  'ppl',
  'nll',
  'brier',
  'latency',
  'runtime',
  'fid',
  'divergence',
  'log_loss',
  'hamming',
  'rmae',
  'l1',
  'l2',
  'deviance',
];

const higher = [
  'accuracy',
  'acc',
  'auc',
  'auroc',
  'auprc',
  'roc',
  'precision',
  'recall',
  'f1',
  'fbeta',
  'map',
  'ap',
  'ndcg',
  'mrr',
  'bleu',
  'rouge',
  'r2',
  'iou',
  'miou',
  'dice',
  'mcc',
  'kappa',
  'score',
  'reward',
  'psnr',
  'ssim',
  'spearman',
  'pearson',
  'map50',
  'aucpr',
  'specificity',
];
