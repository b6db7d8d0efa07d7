import { utf8Source } from '../../formats/text/encoding.ts';
import type { RunLogReader } from './types.ts';
import { addProblem } from './readers/collector.ts';
import { catboostTraining, catboostTsv } from './readers/catboost.ts';
import { csvLog, csvTable, dvcliveTsv, kerasLog } from './readers/csv.ts';
import { json } from './readers/json.ts';
import { jsonl } from './readers/jsonl.ts';
import { mmengine } from './readers/mmengine.ts';
import { optuna } from './readers/optuna.ts';
import { optunaDb } from './readers/optuna-db.ts';
import { rayTune } from './readers/ray-tune.ts';
import { sacred } from './readers/sacred.ts';
import { textFile } from './readers/text-metrics.ts';
import { tfevents } from './readers/tfevents.ts';
import { toml } from './readers/toml.ts';
import { trainerState } from './readers/trainer-state.ts';
import { wandb } from './readers/wandb.ts';
import { yaml } from './readers/yaml.ts';

const textReaders = [
  trainerState,
  sacred,
  catboostTsv,
  catboostTraining,
  csvLog,
  csvTable,
  kerasLog,
  dvcliveTsv,
  rayTune,
  mmengine,
  jsonl,
  json,
  yaml,
  toml,
  textFile,
  optuna,
];

/** Readers in the order in which they are asked. No two read the same file name. */
export const runLogReaders: readonly RunLogReader[] = [tfevents, wandb, ...textReaders.map(inUtf8), optunaDb];

/** Wraps a reader of text so that it reads UTF-16 as well. Offsets are those in UTF-8. */
function inUtf8(reader: RunLogReader): RunLogReader {
  return {
    ...reader,
    read: (fileName, source, resume) => {
      const { text, problem } = utf8Source(source);
      const read = reader.read(fileName, text, resume);
      if (problem !== undefined) addProblem(read.values, problem);
      return read;
    },
  };
}
