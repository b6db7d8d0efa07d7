import type { ModelFacts } from '../../../protocol/artifact.ts';
import { attributesOf, classOf, entry } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { tensorsInModule } from './weights.ts';

type FastaiFacts = Pick<ModelFacts, 'framework' | 'modelClass' | 'tensors' | 'metadata'>;

/**
 * Returns the facts of an exported learner of fastai (`Learner.export`, `export.pkl`), with the class of its model; undefined for
 * other objects.
 */
export function fastaiFacts(root: PickleValue | undefined): FastaiFacts | undefined {
  const made = classOf(root);
  if (made?.module.startsWith('fastai.') !== true) return undefined;
  const model = entry(attributesOf(root), 'model');
  return {
    framework: 'fastai',
    modelClass: (classOf(model) ?? made).name.slice(0, 200),
    tensors: tensorsInModule(model),
    metadata: { learner: `${made.module}.${made.name}`.slice(0, 200) },
  };
}
