import { byText } from '../../../shared/text-order.ts';
import type { FileGroup, Folder, Recogniser } from '../recogniser.ts';
import { missingNumber } from './part-files.ts';
import { inspectPickle } from './pickled-object.ts';

/** Array files: gensim's `model.wv.vectors.npy` of `model`; older joblib's `model.pkl_01.npy` and `model.pkl_01.npy.z` of `model.pkl`. */
const arrayName = /\.npy(\.z)?$/i;
const numbered = /^_(\d\d)\.npy(\.z)?$/i;
const plainArray = /^\.(\w+\.)*\w+\.npy$/i;

/** Pickles whose large arrays are in files beside them, as gensim and older versions of joblib save them. All are one model. */
export const sideArrays: Recogniser = {
  name: 'side-arrays',
  endings: [],
  findGroups(folder) {
    const arrays = [...folder.files].filter((name) => arrayName.test(name));
    if (arrays.length === 0) return [];
    const byOwner = Map.groupBy(arrays, (name) => ownerOf(folder, name) ?? '');
    return [...byOwner].flatMap(([owner, own]) => (owner === '' ? [] : [groupOf(owner, own)]));
  },
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined) return { state: 'partial', reason: `${group.primary} cannot be read.` };
    const empty = group.files.find((file) => open(file)?.size === 0);
    if (empty !== undefined) return { state: 'partial', reason: `${empty} is empty.` };
    const found = inspectPickle(source, 'pickle', group.primary);
    if (!('facts' in found)) return found;
    return {
      ...found,
      facts: { ...found.facts, metadata: { ...found.facts.metadata, arrayFiles: group.files.length - 1 } },
    };
  },
};

/** Returns the file that an array belongs to: the one with the longest name that the array's name begins with. */
function ownerOf(folder: Folder, array: string): string | undefined {
  const owners = [...folder.files].filter((name) => {
    const rest = array.slice(name.length);
    return array.startsWith(name) && !arrayName.test(name) && (numbered.test(rest) || plainArray.test(rest));
  });
  return owners.toSorted((a, b) => b.length - a.length)[0];
}

function groupOf(primary: string, arrays: readonly string[]): FileGroup {
  const numbers = arrays.flatMap((name) => {
    const number = numbered.exec(name.slice(primary.length))?.[1];
    return number === undefined ? [] : [Number(number) - 1];
  });
  const missing = numbers.length === 0 ? undefined : missingNumber('An array file before number', numbers);
  const files = [primary, ...arrays].toSorted(byText);
  return { primary, files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) };
}
