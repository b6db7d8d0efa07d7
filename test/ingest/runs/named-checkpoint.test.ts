import { expect, test } from 'vitest';
import { namedCheckpoints } from '../../../daemon/ingest/runs/named-checkpoint.ts';
import type { Execution } from '../../../daemon/ingest/executions/executions.ts';

function named(...words: string[]): (string | null)[] {
  const started: Pick<Execution, 'command' | 'script' | 'folder'> = {
    command: ['python', 'train.py', ...words],
    script: '/home/ana/churn/train.py',
    folder: '/home/ana/churn',
  };
  return namedCheckpoints(started).map(({ path }) => path);
}

test.for([
  [['--resume', 'out/last.pt'], ['/home/ana/churn/out/last.pt']],
  [['--resume-from-checkpoint=/data/checkpoint-500'], ['/data/checkpoint-500']],
  [['trainer.ckpt_path=out/last.ckpt'], ['/home/ana/churn/out/last.ckpt']],
  [['--ckpt_path', 'last'], [null]],
  [['--resume'], [null]],
  [['--auto-resume', 'true', '--lr', '0.1'], [null]],
  [['--resume_from_epoch', '5'], [null]],
  [['--resume', 'false'], []],
  [['--no-resume'], []],
  [['ckpt_path=null'], []],
  [['--pretrained', 'out/last.pt', '--checkpoint-dir', 'out'], []],
] as const)('%j names checkpoints %j', ([words, wanted]) => {
  expect(named(...words)).toEqual(wanted);
});
