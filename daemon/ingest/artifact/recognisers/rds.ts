import { readRdsClass } from '../../../formats/r/rds.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import type { Inspection, Recogniser } from '../recogniser.ts';
import { compressionOf, decompress } from './compressed.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.rds', loadRank: 12 }];
const maxPlainBytes = 32 << 20;
/** Classes of fitted models. saveRDS also saves data frames, plots and functions. */
const models =
  /^(lm|glm|mlm|aov|nls|loess|gam|rpart|tree|randomForest|ranger|gbm|xgb\.Booster|lgb\.Booster|catboost\.Model|(cv\.)?glmnet|svm|ksvm|train|model_fit|workflow|nnet|multinom|polr|[lq]da|kmeans|prcomp|coxph|survreg|\w*[Mm]erMod|Arima|ARIMA|ets|prophet|earth|naiveBayes|knn3|C5\.0|bagging|bart|brmsfit|stanreg|WrappedModel|Learner\w*|nn_module|party|cforest|constparty|H2O\w*Model|mlr_\w+)$/;

/** Models that R wrote with saveRDS, recognised by their object's class. */
export const rds: Recogniser = {
  name: 'rds',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      try {
        return inspectObject(source);
      } catch (error) {
        if (!(error instanceof FormatError) || error.kind !== 'unsupported') throw error;
        return { state: 'unreadable', reason: `The kind of object cannot be determined without R: ${error.message}` };
      }
    });
  },
};

function inspectObject(source: Source): Inspection {
  const compression = compressionOf(source);
  if (compression === 'bz2' || compression === 'xz')
    return { state: 'unreadable', reason: `It is packed with ${compression}, which is not read here.` };
  const content = compression === 'gzip' ? decompress(source, 'gzip') : plainContent(source);
  if ('failure' in content) throw new FormatError(content.failure, 'The file is not complete.');
  const limit = new FormatError('unsupported', 'The object is larger than 32 MiB.');
  const classes = readClass(content.content, content.whole ? undefined : limit);
  const found = classes.find((name) => models.test(name));
  if (found === undefined)
    return {
      state: 'foreign',
      reason: `The object is of class ${classes.join(', ').slice(0, 200) || 'list or vector'}, which is not a model.`,
    };
  const facts = modelFacts({
    framework: 'r',
    format: 'r rds',
    modelClass: classes[0] ?? found,
    metadata: { read: 'by header only' },
  });
  return { state: 'whole', facts };
}

function readClass(bytes: Uint8Array, cut: FormatError | undefined): string[] {
  try {
    return readRdsClass(bytes);
  } catch (error) {
    if (cut && error instanceof FormatError && error.kind === 'truncated') throw cut;
    throw error;
  }
}

function plainContent(source: Source): { content: Uint8Array; whole: boolean } {
  const content = source.read(0, Math.min(source.size, maxPlainBytes));
  return { content, whole: content.length === source.size };
}
