import { beginsLikeZip } from '../../../formats/containers/zip.ts';
import type { Source } from '../../../formats/source.ts';
import type { FileEnding, Inspection, Recogniser } from '../recogniser.ts';
import { inspectPickle } from './pickled-object.ts';
import { singleFiles } from './single-file.ts';
import { inspectTorch } from './torch-file.ts';

const bin = /(model|weights|checkpoint|ckpt|state|net|best|last|final|epoch|consolidated)[\w.-]*\.bin$/i;

const endings: readonly FileEnding[] = [
  { ending: '.pt', loadRank: 1 },
  { ending: '.pth', loadRank: 2 },
  { ending: '.ckpt', loadRank: 5 },
  { ending: '.pt2', loadRank: 13 },
  { ending: '.pth.tar', loadRank: 2 },
  { ending: '.pt.tar', loadRank: 2 },
  ...['.th', '.t7', '.tar', '.weights'].map((ending): FileEnding => ({ ending, loadRank: 13, byContent: true })),
  { ending: '.bin', loadRank: 13, mayBeModel: (name) => bin.test(name), byContent: true },
];

/** Files of torch.save, TorchScript, torch.export and Lightning. */
export const torch: Recogniser = {
  name: 'torch',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined) return { state: 'partial', reason: 'The file cannot be read.' };
    if (source.size === 0) return { state: 'partial', reason: 'The file is empty.' };
    return inspectFile(source, group.primary);
  },
};

/** Inspects a file with torch's ending. A pickle that torch did not write is inspected as a pickle. */
function inspectFile(source: Source, fileName: string): Inspection {
  const found = inspectTorch(source, fileName);
  const pickled = source.read(0, 1)[0] === 0x80 && !beginsLikeZip(source) && !fileName.toLowerCase().endsWith('.bin');
  return found.state === 'foreign' && pickled ? inspectPickle(source, 'pickle', fileName) : found;
}
