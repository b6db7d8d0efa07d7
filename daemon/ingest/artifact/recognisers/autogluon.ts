import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { readConfig } from './transformers-config.ts';
import { field } from '../../../formats/text/json-access.ts';
import { filesBelow } from './list-files.ts';
import { lackingPart } from './part-files.ts';

const primary = 'learner.pkl';
/** The file that is written last. */
const last = 'predictor.pkl';

/** Folders of AutoGluon: a predictor, its learner, and a folder of models that are its parts. Source: autogluon/tabular/predictor. */
export const autogluon: Recogniser = {
  name: 'autogluon',
  endings: [],
  findGroups(folder) {
    if (!folder.files.has(primary) || !(folder.files.has(last) || folder.folders.has('models'))) return [];
    const missing = folder.files.has(last) ? {} : { missing: `${last}, which is saved last, is missing.` };
    return [{ primary, files: filesBelow(folder), wholeFolder: true, ...missing }];
  },
  inspect(group, open) {
    const lacking = lackingPart(group, open, (file) => !file.endsWith('.pkl'));
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const version = field(readConfig(open, 'metadata.json'), 'version');
    const models = new Set(group.files.flatMap((file) => /^models\/([^/]+)\//.exec(file)?.[1] ?? []));
    const facts = modelFacts({
      framework: 'autogluon',
      frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
      format: 'autogluon predictor',
      metadata: { models: [...models].slice(0, 200) },
    });
    return { state: 'unmarked', facts };
  },
};
