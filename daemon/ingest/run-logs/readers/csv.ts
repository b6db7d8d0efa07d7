import type { RunLogReader } from '../types.ts';
import { dvcliveColumns, trainingColumns } from '../tables/columns.ts';
import { readTable } from '../tables/delimited-table.ts';

/** CSV that Lightning, Keras' CSVLogger and Stable-Baselines write while they train. */
export const csvLog: RunLogReader = {
  name: 'csv-log',
  canRead: (fileName) => /^(metrics|training|training_log|train_log|log|progress)\.csv$/i.test(fileName),
  marksRun: true,
  read: (_fileName, source, resume) => readTable(source, resume, { columnsOf: trainingColumns }),
};

const tableNames =
  /^(results|history|training_history|train_history|scores|summary|evaluation|eval([_.-].+)?|.+[_.-](metrics|scores|history|eval_results))\.csv$/i;
const tabbedNames = /^(metrics|results|history|scores|summary|evaluation)\.tsv$/i;

/** Tables that may be logs (ultralytics, fastai) or results written after training. */
export const csvTable: RunLogReader = {
  name: 'csv-table',
  canRead: (fileName) => tableNames.test(fileName) || tabbedNames.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) => readTable(source, resume, { columnsOf: trainingColumns }),
};

/** Keras' CSVLogger under the name `training.log`. Logs of other programs with that name are not read. */
export const kerasLog: RunLogReader = {
  name: 'keras-log',
  canRead: (fileName) => /^(training|train|history)\.log$/i.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) =>
    readTable(source, resume, {
      columnsOf: (header, first) =>
        header[0] === 'epoch' && header.length > 1 ? trainingColumns(header, first) : undefined,
    }),
};

/** dvclive's TSV files, one series each. */
export const dvcliveTsv: RunLogReader = {
  name: 'dvclive-tsv',
  canRead: (fileName) =>
    /\.tsv$/i.test(fileName) && !/^(learn|test\d*)_error\.tsv$/.test(fileName) && !tabbedNames.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) =>
    readTable(source, resume, {
      delimiter: '\t',
      columnsOf: (header) => dvcliveColumns(header, fileName.replaceAll('\\', '/')),
    }),
};
