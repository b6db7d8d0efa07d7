import { beginsLikeZip, readZip } from '../../../formats/containers/zip.ts';
import type { Source } from '../../../formats/source.ts';
import type { FileEnding, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

/** A format of which only the header is read. */
interface Header {
  framework: string;
  format: string;
  endings: readonly string[];
  /** Returns true if the first bytes (latin1) or the names in a zip archive are of this format. */
  matches(head: string, members: readonly string[]): boolean;
}

const headers: readonly Header[] = [
  { framework: 'tflite', format: 'tflite', endings: ['.tflite'], matches: (head) => head.slice(4, 8) === 'TFL3' },
  {
    framework: 'executorch',
    format: 'executorch',
    endings: ['.pte'],
    matches: (head) => /^ET\d\d$/.test(head.slice(4, 8)),
  },
  {
    framework: 'tensorrt',
    format: 'tensorrt engine',
    endings: ['.engine', '.plan'],
    matches: (head) => head.startsWith('ftrt'),
  },
  {
    framework: 'fasttext',
    format: 'fasttext',
    endings: ['.ftz'],
    matches: (head) => head.startsWith('\xba\x16\x4f\x2f'),
  },
  { framework: 'ggml', format: 'ggml', endings: [], matches: (head) => /^(lmgg|fmgg|tjgg)/.test(head) },
  {
    framework: 'vowpal wabbit',
    format: 'vowpal wabbit',
    endings: ['.vw'],
    matches: (head) => head.charCodeAt(0) <= 20 && /^.\0\0\0\d+\.\d+\.\d+\0/.test(head),
  },
  { framework: 'pmml', format: 'pmml', endings: ['.pmml'], matches: (head) => /<PMML[\s>]/.test(head) },
  {
    framework: 'h2o',
    format: 'h2o mojo',
    endings: ['.zip'],
    matches: (_head, members) => members.includes('model.ini'),
  },
  {
    framework: 'stable-baselines3',
    format: 'stable-baselines3 zip',
    endings: ['.zip'],
    matches: (_head, members) => members.includes('_stable_baselines3_version') && members.includes('policy.pth'),
  },
  {
    framework: 'torchserve',
    format: 'torchserve archive',
    endings: ['.mar'],
    matches: (_head, members) => members.some((name) => name.startsWith('MAR-INF/')),
  },
];
const common = new Set(['.zip', '.engine', '.plan', '.mar', '.pte']);
const endings: readonly FileEnding[] = [...new Set(headers.flatMap((one) => one.endings))].map((ending) => ({
  ending,
  loadRank: 14,
  ...(common.has(ending) ? { byContent: true as const } : {}),
}));
const headBytes = 1024;

/** Formats of which only the header is read. */
export const headerOnly: Recogniser = {
  name: 'header-only',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const found = headerOf(source);
      if (found === undefined) return { state: 'foreign', reason: 'Its header is of no format that is known.' };
      const { framework, format } = found;
      return { state: 'unmarked', facts: modelFacts({ framework, format, metadata: { read: 'by header only' } }) };
    });
  },
};

/** Returns the format of a file's header; undefined for others. Throws FormatError while a zip archive has no end. */
export function headerOf(source: Source): Header | undefined {
  const head = Buffer.from(source.read(0, headBytes)).toString('latin1');
  const members = beginsLikeZip(source) ? readZip(source).map(({ name }) => name) : [];
  return headers.find((one) => one.matches(head, members));
}
