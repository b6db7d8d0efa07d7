import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.params', loadRank: 12 }];
/** Magic number of a list of arrays that mx.nd.save writes. Source: mxnet, src/ndarray/ndarray.cc. */
const magic = 0x112n;

/** Parameters of MXNet, with their graph (`net-symbol.json` for `net-0010.params`). */
export const mxnet: Recogniser = {
  name: 'mxnet',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const head = Buffer.from(source.read(0, 24));
      if (head.length < 24) return { state: 'partial', reason: `${group.primary} has ${source.size} bytes only.` };
      if (head.readBigUInt64LE(0) !== magic)
        return { state: 'foreign', reason: 'It is not a list of arrays of MXNet.' };
      const symbol = `${group.primary.replace(/(-\d{4})?\.params$/i, '')}-symbol.json`;
      const hasSymbol = (open(symbol)?.size ?? 0) > 0;
      const metadata = { read: 'by header only', arrays: Number(head.readBigUInt64LE(16)) };
      const facts = modelFacts({ framework: 'mxnet', format: 'mxnet parameters', metadata });
      return { state: 'unmarked', facts, ...(hasSymbol ? { named: [symbol] } : {}) };
    });
  },
};
