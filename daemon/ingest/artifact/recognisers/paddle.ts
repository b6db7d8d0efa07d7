import type { Folder, FileGroup, OpenFile, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { lackingPart } from './part-files.ts';
import { singleFiles } from './single-file.ts';

const endings = [
  { ending: '.pdmodel', loadRank: 12 },
  { ending: '.pdiparams', loadRank: 13 },
  { ending: '.pdparams', loadRank: 12 },
];

/** Paddle: a program (`.pdmodel`, or JSON since version 3) with its parameters (`.pdiparams`), and state dicts (`.pdparams`, pickles). */
export const paddle: Recogniser = {
  name: 'paddle',
  endings,
  findGroups(folder) {
    const states = singleFiles(folder, endings).filter(({ primary }) => /\.pdparams$/i.test(primary));
    return [...programsIn(folder), ...states];
  },
  inspect(group, open) {
    const reason = lackingPart(group, open);
    if (reason !== undefined) return { state: 'partial', reason };
    if (!isPaddle(group, open)) return { state: 'foreign', reason: 'It is not a model of Paddle.' };
    const format = /\.pdparams$/i.test(group.primary) ? 'paddle state dict' : 'paddle inference model';
    return {
      state: 'unmarked',
      facts: modelFacts({ framework: 'paddle', format, metadata: { read: 'by header only' } }),
    };
  },
};

function programsIn(folder: Folder): FileGroup[] {
  const stems = [...folder.files].flatMap((name) => /^(.+)\.(pdmodel|pdiparams)$/i.exec(name)?.[1] ?? []);
  return [...new Set(stems)].toSorted().map((stem) => {
    const named = (ending: string): string[] =>
      [...folder.files].filter((name) => name.startsWith(stem) && name.slice(stem.length).toLowerCase() === ending);
    const programs = [...named('.pdmodel'), ...named('.json')].slice(0, 1);
    const params = named('.pdiparams').slice(0, 1);
    const files = [...programs, ...params, ...named('.pdiparams.info')].toSorted();
    const lacking = programs.length === 0 ? '.pdmodel' : params.length === 0 ? '.pdiparams' : undefined;
    return {
      primary: programs[0] ?? params[0] ?? stem,
      files,
      wholeFolder: false,
      ...(lacking === undefined ? {} : { missing: `${stem}${lacking} is missing.` }),
    };
  });
}

/** True for a program (a protobuf of blocks, or Paddle's JSON) and for a state dict (a pickle of protocol 2 to 5). */
function isPaddle({ primary }: FileGroup, open: OpenFile): boolean {
  const head = Buffer.from(open(primary)?.read(0, 256) ?? []);
  if (/\.pdparams$/i.test(primary)) return head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;
  if (/\.json$/i.test(primary)) return /^\{\s*"base_code"/.test(head.toString('latin1'));
  return head[0] === 0x0a;
}
