import { FormatError, type Source } from '../source.ts';

const headBytes = 4 * 1024 * 1024;
const tailBytes = 1024 * 1024;
const maxFeatures = 10_000;

export interface LightgbmModel {
  /** `v4`: the version of the format, not of the library. */
  formatVersion: string;
  /** Header lines `key=value`, without the lists. */
  header: Map<string, string>;
  trees: number | null;
  featureNames: string[];
  /** `[min:max]`, `0:1:2` for categories, `none` for an unused feature. */
  featureInfos: string[];
  /** The training parameters, as text. */
  params: Map<string, string>;
  /** True when the last line that the Python package writes is there and complete. */
  ended: boolean;
}

/**
 * Reads the header and the end of a LightGBM model in text form, and skips the trees by their recorded sizes. Source:
 * src/boosting/gbdt_model_text.cpp (header, trees, importances, parameters) and python-package/lightgbm/basic.py, which appends
 * to it. Throws FormatError: `truncated` when the end is not there yet, `malformed` when it is something else.
 */
export function readLightgbm(source: Source): LightgbmModel {
  const head = Buffer.from(source.read(0, Math.min(headBytes, source.size)));
  assertBegins(head);
  const headerEnd = head.indexOf('\n\n');
  if (headerEnd < 0) {
    const whole = head.length === source.size;
    throw new FormatError(
      whole ? 'truncated' : 'unsupported',
      whole ? 'The header does not end yet.' : 'The header is too long.',
    );
  }
  const header = headerOf(head.toString('utf8', 0, headerEnd));
  const sizes = words(header.get('tree_sizes'));
  const tailStart = tailStartOf(source, headerEnd + 2, sizes);
  const tail = Buffer.from(source.read(tailStart, source.size - tailStart)).toString('utf8');
  const model: LightgbmModel = {
    formatVersion: header.get('version') ?? '',
    header,
    trees: header.has('tree_sizes') ? sizes.length : null,
    featureNames: words(header.get('feature_names')).slice(0, maxFeatures),
    featureInfos: words(header.get('feature_infos')).slice(0, maxFeatures),
    params: paramsOf(tail),
    ended: hasEnded(tail),
  };
  for (const list of ['tree_sizes', 'feature_names', 'feature_infos', 'monotone_constraints']) header.delete(list);
  return model;
}

function assertBegins(head: Buffer): void {
  const expected = 'tree\nversion=';
  const begin = head.toString('latin1', 0, expected.length).replace('\r\n', '\n');
  if (begin.startsWith(expected)) return;
  if (head.length < expected.length && expected.startsWith(begin)) {
    throw new FormatError('truncated', 'The model has no content yet.');
  }
  throw new FormatError('malformed', 'This is not a LightGBM model.');
}

function headerOf(text: string): Map<string, string> {
  const header = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) header.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return header;
}

function words(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(' ');
}

/**
 * Returns the offset of `end of trees`, which follows from the recorded sizes. Returns the start of the last MiB when there are
 * no sizes or they do not lead there.
 */
function tailStartOf(source: Source, treesStart: number, sizes: string[]): number {
  const end = sizes.reduce((sum, size) => sum + Number(size), treesStart);
  if (sizes.length === 0 || !Number.isSafeInteger(end)) return Math.max(treesStart, source.size - tailBytes);
  if (end > source.size) throw new FormatError('truncated', 'The trees do not end yet.');
  const found = Buffer.from(source.read(end, 12)).toString('latin1');
  if (found.length < 12) throw new FormatError('truncated', 'The trees do not end yet.');
  if (found !== 'end of trees') return Math.max(treesStart, source.size - tailBytes);
  return source.size - end > 2 * tailBytes ? source.size - tailBytes : end;
}

function paramsOf(tail: string): Map<string, string> {
  const params = new Map<string, string>();
  const [, block = ''] = tail.split('\nparameters:', 2);
  for (const [, key = '', value = ''] of block.matchAll(/^\[(\w+): (.*)\]\r?$/gm)) params.set(key, value);
  return params;
}

/** Throws `truncated` while the parameters have no end, or while a line after them is cut. */
function hasEnded(tail: string): boolean {
  const at = tail.lastIndexOf('\nend of parameters');
  if (at < 0) throw new FormatError('truncated', 'The model does not end in its parameters yet.');
  const rest = tail.slice(at + '\nend of parameters'.length).trimStart();
  if (rest === '') return false;
  const mark = 'pandas_categorical:';
  if (!rest.startsWith(mark)) {
    if (mark.startsWith(rest)) throw new FormatError('truncated', 'The last line is cut.');
    return false;
  }
  try {
    JSON.parse(rest.slice(mark.length).replaceAll(/\b(NaN|-?Infinity)\b/g, 'null'));
  } catch {
    throw new FormatError('truncated', 'The last line is cut.');
  }
  return rest.endsWith('\n');
}
