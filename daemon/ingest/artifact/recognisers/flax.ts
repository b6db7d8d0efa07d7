import { readFlaxArrays } from '../../../formats/tensors/flax-msgpack.ts';
import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.msgpack', loadRank: 13 }];

/** Files of flax.serialization: a tree of arrays in msgpack. */
export const flax: Recogniser = {
  name: 'flax',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const all = readFlaxArrays(source);
      if (all.length === 0) return { state: 'foreign', reason: 'The msgpack contains no arrays.' };
      const learned = all.filter(({ name }) => !/^(opt_state|step|rng)(\.|$)/.test(name));
      const tensors = learned.length > 0 ? learned : all;
      return { state: 'whole', facts: modelFacts({ framework: 'flax', format: 'flax msgpack', tensors }) };
    });
  },
};
