import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.weights', loadRank: 12 }];

/** Weights of darknet, with the network's configuration of the same stem if it lies in the folder. Source: darknet, src/parser.c. */
export const darknet: Recogniser = {
  name: 'darknet',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const head = Buffer.from(source.read(0, 20));
      if (head.length < 20) return { state: 'partial', reason: `${group.primary} has ${source.size} bytes only.` };
      const [major, minor, revision] = [head.readInt32LE(0), head.readInt32LE(4), head.readInt32LE(8)];
      const isHeader = major === 0 && minor >= 1 && minor <= 3 && revision >= 0 && revision <= 5;
      if (!isHeader) return { state: 'foreign', reason: 'It has no header of darknet.' };
      const headBytes = minor >= 2 ? 20 : 16;
      if ((source.size - headBytes) % 4 !== 0)
        return { state: 'partial', reason: `${group.primary} ends within a number.` };
      const config = group.primary.replace(/\.weights$/i, '.cfg');
      const hasConfig = (open(config)?.size ?? 0) > 0;
      const seen = minor >= 2 ? Number(head.readBigUInt64LE(12)) : head.readInt32LE(12);
      const facts = modelFacts({
        framework: 'darknet',
        format: 'darknet weights',
        parameterCount: null,
        metadata: { read: 'by header only', version: `${major}.${minor}.${revision}`, imagesSeen: seen },
      });
      return { state: 'unmarked', facts, ...(hasConfig ? { named: [config] } : {}) };
    });
  },
};
