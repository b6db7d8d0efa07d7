import type { NotesReader } from '../notes.ts';
import { catboostTraining, catboostTsv } from './catboost.ts';
import { csvLog, csvTable, dvcliveTsv } from './csv.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { optuna } from './optuna.ts';
import { optunaDb } from './optuna-db.ts';
import { rayTune } from './ray-tune.ts';
import { sacred } from './sacred.ts';
import { tfevents } from './tfevents.ts';
import { toml } from './toml.ts';
import { trainerState } from './trainer-state.ts';
import { wandb } from './wandb.ts';
import { yaml } from './yaml.ts';

/** In the order in which they are asked; no file name is claimed by two. */
export const notesReaders: readonly NotesReader[] = [
  trainerState,
  tfevents,
  wandb,
  sacred,
  catboostTsv,
  catboostTraining,
  csvLog,
  csvTable,
  dvcliveTsv,
  rayTune,
  jsonl,
  json,
  yaml,
  toml,
  optuna,
  optunaDb,
];
