import { isHash } from '../disk/name-words.ts';

/** Words before a number that distinguishes saves of one model. */
const counters =
  'epochs?|ep|steps?|iters?|iterations?|timesteps?|episodes?|rounds?|checkpoints?|ckpts?|chkpt|trials?|(?:k?-?)folds?|cv|seeds?|runs?|exp|experiment|attempt|version|ver|rev|v|split';
/** Names of hyperparameters in a search. */
const settings =
  'lr|learning_?rate|wd|bs|batch(?:_?size)?|(?:max_?)?depth|n_?estimators|alpha|gamma|eta|dropout|hidden|layers|c(?=\\d+\\.)';
const spans = 'epochs?|steps?|iters?|iterations?|timesteps?|episodes?|rounds?|games|lr';
const measures =
  '(?:(?:(?:val|valid|validation|train|test|eval|dev)[-_]?)?(?:loss|acc|accuracy|auc|roc_auc|mse|rmse|mae|mape|score|miou|iou|dice|bleu|wer|cer|ppl|perplexity|reward)|(?:val|valid|validation|test|eval)(?=\\d+\\.\\d))';
const date = String.raw`(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])`;
const time = String.raw`[-_.T ]*\d\d[-_.:h]?\d\d(?:[-_.:m]?\d\d)?`;
const states = 'best|last|final|latest|new|old|backup|bak|checkpoints?|ckpts?|chkpt|snapshot|weights|trained|saved';
const before = '(?:^|[-_. ,+])';

const ends = [
  /[-_. ]*\(\d+\)$/,
  /[-_. ]+copy(?:[-_ ]?\d+)?$/i,
  new RegExp(`${before}${date}(?:${time})?$`, 'i'),
  new RegExp(String.raw`${before}(?:0[1-9]|[12]\d|3[01])[-.](?:0[1-9]|1[0-2])[-.](?:19|20)\d\d(?:${time})?$`, 'i'),
  /** Seconds or milliseconds since 1970. */
  new RegExp(String.raw`${before}1\d{9}(?:\d{3})?$`, 'i'),
  /** Keras: `{epoch:02d}-{val_accuracy:.2f}`. */
  new RegExp(String.raw`${before}\d{1,4}-\d+\.\d+$`, 'i'),
  new RegExp(String.raw`${before}(?:(?:val|valid|validation|train|test|eval|dev)[-_/])?[a-z][a-z0-9]*=[^=]*$`, 'i'),
  new RegExp(String.raw`${before}(?:${counters}|${settings})[-_. =]?\d+(?:\.\d+)*$`, 'i'),
  new RegExp(String.raw`${before}\d+(?:\.\d+)?[km]?[-_ ]?(?:${spans})$`, 'i'),
  new RegExp(String.raw`${before}${measures}[-_. ]?\d+(?:\.\d+)?$`, 'i'),
  new RegExp(String.raw`${before}(?:f1|r2|l1|l2)[-_. ]\d+(?:\.\d+)?$`, 'i'),
  /[-_. ]\d{5}-of-\d{5}$/,
  /[-_. ][0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  new RegExp(`[-_. ](?:${states})$`, 'i'),
];

/** A score, unless a hash follows it: `mobilenetv2_0.25-b61d2159` has another width, not another score. */
const score = new RegExp(String.raw`${before}0\.\d{2,}$`, 'i');

const starts = [
  new RegExp(`^${date}(?:${time})?[-_. ]+`, 'i'),
  /^(?:best|final|latest|checkpoint|ckpt|snapshot|weights)[-_. ]+(?=.{3})/i,
];

/** A version or a date between two words: `delay_v2_model`. After `-` it belongs to the name, as in `CartPole-v1`. */
const middle = new RegExp(String.raw`_v\d+(?:\.\d+)*(?=_)|[-_.]${date}(?=[-_.])`, 'gi');

/**
 * Returns the part of a name that all saves of one model share: without date, time, score, `key=value`, copies, `_final`, `_v2`,
 * and numbers after a word such as `epoch`. Other numbers belong to the name, as in `store_17` and `resnet50`. Empty if nothing
 * is left.
 */
export function withoutDifferences(name: string): string {
  const plain = shortenAll(name, [...ends, score]);
  const hash = /[-_.]([0-9a-f]+)$/i.exec(plain);
  if (hash?.[1] === undefined || !isHash(hash[1].toLowerCase())) return plain;
  return shortenAll(trimmed(plain.slice(0, hash.index)), ends);
}

function shortenAll(name: string, patterns: readonly RegExp[]): string {
  const shorter = shorten(name, patterns);
  return shorter === name ? name : shortenAll(shorter, patterns);
}

function shorten(name: string, patterns: readonly RegExp[]): string {
  const end = firstMatch(patterns, name);
  if (end) return trimmed(name.slice(0, end.index));
  const start = firstMatch(starts, name);
  if (start) return trimmed(name.slice(start[0].length));
  return trimmed(name.replaceAll(middle, ''));
}

function firstMatch(patterns: readonly RegExp[], name: string): RegExpExecArray | undefined {
  return patterns.map((pattern) => pattern.exec(name)).find((found) => found !== null) ?? undefined;
}

function trimmed(name: string): string {
  return name.replaceAll(/^[-_. ,+]+|[-_. ,+]+$/g, '');
}
