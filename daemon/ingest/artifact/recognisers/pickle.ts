import { beginsLikeZip } from '../../../formats/containers/zip.ts';
import type { Recogniser } from '../recogniser.ts';
import { inspectCompressed } from './joblib.ts';
import { inspectPickle } from './pickled-object.ts';
import { singleFiles } from './single-file.ts';
import { inspectTorch } from './torch-file.ts';

const endings = [
  { ending: '.pkl', loadRank: 9 },
  { ending: '.pickle', loadRank: 9 },
];

/** Pickles by whatever name they go: plain, of joblib (raw or compressed), and torch archives such as fastai's export.pkl. */
export const pickle: Recogniser = {
  name: 'pickle',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined) return { state: 'partial', reason: 'The file cannot be read.' };
    if (beginsLikeZip(source)) return inspectTorch(source, group.primary);
    return inspectCompressed(source, 'joblib', group.primary) ?? inspectPickle(source, 'pickle', group.primary);
  },
};
