import { expect, test } from 'vitest';
import { programKind, type ProgramKind } from '../../../daemon/ingest/executions/programs.ts';

const cases: [command: string, kind: ProgramKind][] = [
  ['/usr/bin/python3 train.py', 'trainer'],
  ['/usr/bin/python3 -m churn.train', 'trainer'],
  ['/usr/bin/python3 /opt/venv/bin/dvc repro', 'mover'],
  ['/usr/bin/python3 -m ipykernel_launcher -f kernel.json', 'kernel'],
  ['/usr/bin/node /data/bin/0.1.0/plinth.js serve --data /data', 'other'],
  ['/usr/bin/node train.mjs', 'trainer'],
  ['/usr/bin/git checkout main', 'mover'],
  ['/bin/bash run.sh', 'other'],
];

test.for(cases)('the kind of %s is %s', ([text, kind]) => {
  const command = text.split(' ');
  expect(programKind(command[0]!, command)).toBe(kind);
});
