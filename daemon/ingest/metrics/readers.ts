import type { NotesReader } from '../notes.ts';
import { csvLog, csvTable, dvcliveTsv } from './csv.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { tfevents } from './tfevents.ts';
import { trainerState } from './trainer-state.ts';
import { yaml } from './yaml.ts';

/** In the order in which they are asked; no file name is claimed by two. */
export const notesReaders: readonly NotesReader[] = [
  trainerState,
  tfevents,
  csvLog,
  csvTable,
  dvcliveTsv,
  jsonl,
  json,
  yaml,
];
