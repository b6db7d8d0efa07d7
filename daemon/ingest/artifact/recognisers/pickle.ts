import { beginsLikeZip } from '../../../formats/containers/zip.ts';
import type { FileEnding, Recogniser } from '../recogniser.ts';
import { inspectCompressed } from './joblib.ts';
import { inspectPickle } from './pickled-object.ts';
import { requirePlainModel } from './plainly-model.ts';
import { singleFiles } from './single-file.ts';
import { inspectTorch } from './torch-file.ts';

/** Endings that scripts give to pickles, and other programs to other files. */
const common = ['.sav', '.p', '.pk', '.pck', '.pckl', '.cpkl', '.dill', '.obj', '.dat', '.mdl', '.model'];
const endings: readonly FileEnding[] = [
  { ending: '.pkl', loadRank: 9 },
  { ending: '.pickle', loadRank: 9 },
  ...common.map((ending): FileEnding => ({ ending, loadRank: 9, byContent: true })),
];

/** Pickles under any name: plain, of joblib (raw or compressed), and torch archives such as fastai's export.pkl. */
export const pickle: Recogniser = {
  name: 'pickle',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined) return { state: 'partial', reason: 'The file cannot be read.' };
    if (beginsLikeZip(source)) return inspectTorch(source, group.primary);
    const found = inspectCompressed(source, 'joblib', group.primary) ?? inspectPickle(source, 'pickle', group.primary);
    return group.byContent === true ? requirePlainModel(found) : found;
  },
};
