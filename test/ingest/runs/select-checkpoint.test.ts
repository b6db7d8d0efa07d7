import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { ArtifactRow } from '../../../daemon/db/artifacts.ts';
import { hasCheckpointMark, logStepOf, valuesInName } from '../../../daemon/ingest/artifact/checkpoint-names.ts';
import type { Point } from '../../../daemon/ingest/run-logs/types.ts';
import {
  betterCheckpoint,
  chooseUntracked,
  chooseVersions,
  type Candidate,
} from '../../../daemon/ingest/runs/select-checkpoint.ts';

const none = { bestNames: [], metric: null };

/** Returns saves of one run, in the order in which they were written. */
function saves(...named: (string | [string, Record<string, number>])[]): Candidate[] {
  return named.map((save, index) => {
    const [name, metrics] = typeof save === 'string' ? [save, {}] : save;
    return { row: { path: `/w/run/${name}`, writtenAt: index } as ArtifactRow, metrics };
  });
}

function chosen(candidates: Candidate[], best = none as { bestNames: string[]; metric: string | null }): string[] {
  return chooseVersions('/w/run', candidates, best).map(({ row }) => basename(row.path));
}

test('a final product goes before any checkpoint, however late that was written', () => {
  expect(chosen(saves('model.pt', 'checkpoints/best.pt', 'checkpoints/epoch_9.pt'))).toEqual(['model.pt']);
});

test('of one product in several formats the one that loads most directly stands for it', () => {
  expect(chosen(saves('model.safetensors', 'model.onnx', 'model.pt'))).toEqual(['model.pt']);
});

test('a checkpoint is better than the product where the log gives its epoch a better value than the end, by a metric of held-out data', () => {
  const checkpoints = saves('epoch=0.pt', 'epoch=1.pt', 'epoch=2.pt', 'last.pt');
  const points = (...values: number[]): Point[] => values.map((value, epoch) => [epoch, null, value]);
  const betterBy = (series: Record<string, readonly Point[]>, metric: string | null = null): unknown => {
    const better = betterCheckpoint(checkpoints, { bestNames: [], metric, series });
    return better && [basename(better.save.row.path), better.metric, better.value, better.atEnd];
  };
  expect(betterBy({ val_loss: points(0.9, 0.2, 0.5) })).toEqual(['epoch=1.pt', 'val_loss', 0.2, 0.5]);
  expect(betterBy({ val_acc: points(0.9, 0.8, 0.5) })).toEqual(['epoch=0.pt', 'val_acc', 0.9, 0.5]);
  expect(betterBy({ val_loss: points(0.9, 0.5, 0.5) })).toBeUndefined();
  expect(betterBy({ loss: points(0.9, 0.2, 0.5), lr: points(3, 1, 2) })).toBeUndefined();
  expect(betterBy({ loss: points(0.9, 0.2, 0.5) }, 'loss')).toEqual(['epoch=1.pt', 'loss', 0.2, 0.5]);
  expect(betterBy({})).toBeUndefined();
});

test("a plain name is the run's own product before one that says more", () => {
  expect(chosen(saves('model.keras', 'model_legacy.h5'))).toEqual(['model.keras']);
});

test('products that are all named are a version each, however often each was saved', () => {
  const names = ['generator.pt', 'discriminator.pt', 'generator_0.81.pt'];
  expect(chosen(saves(...names)).toSorted()).toEqual(['discriminator.pt', 'generator_0.81.pt']);
});

test("of checkpoints the run's record decides, then the best by its metric, then the last", () => {
  const three = saves(
    ['epoch_1.ckpt', { val_loss: 0.3 }],
    ['epoch_2.ckpt', { val_loss: 0.1 }],
    ['epoch_3.ckpt', { val_loss: 0.2 }],
  );
  expect(chosen(three, { bestNames: ['epoch_1.ckpt'], metric: 'val_loss' })).toEqual(['epoch_1.ckpt']);
  expect(chosen(three)).toEqual(['epoch_2.ckpt']);
  expect(chosen(saves('epoch_1.ckpt', 'epoch_2.ckpt'))).toEqual(['epoch_2.ckpt']);
  expect(chosen([])).toEqual([]);
});

test('of a run without a tracker a plain name stands for the checkpoints of its kind, and each other model gives its best', () => {
  const of = (model: string, ...names: string[]): (Candidate & { model: string })[] =>
    saves(...names).map((one) => ({ ...one, model }));
  const none = { bestNames: [], metric: null };
  const names = (all: Candidate[]): string[] => all.map(({ row }) => basename(row.path));
  const folds = of('credit', 'fold_1.joblib', 'fold_2.joblib');
  expect(names(chooseUntracked(folds, none, []))).toEqual(['fold_2.joblib']);
  expect(names(chooseUntracked(folds, none, [{ path: '/w/run/credit-final.joblib', model: 'risk' }]))).toEqual([]);
  const scaler = { path: '/w/run/scaler.pkl', model: 'scaler' };
  expect(names(chooseUntracked(of('net', 'best.pt', 'last.pt'), none, [scaler]))).toEqual(['best.pt']);
  const gan = [...of('generator', 'generator_best.pt'), ...of('critic', 'critic_best.pt')];
  const below = of('other', 'checkpoints/epoch_1.pt');
  expect(names(chooseUntracked(below, none, [{ path: '/w/run/final.bin', model: 'run' }]))).toEqual([]);
  expect(names(chooseUntracked(gan, none, []))).toEqual(['generator_best.pt', 'critic_best.pt']);
  const critic = of('critic', 'critic/best.pt');
  expect(names(chooseUntracked(critic, none, [{ path: '/w/run/actor/actor.pt', model: 'actor' }]))).toEqual([
    'best.pt',
  ]);
  const epochs = of('run', 'checkpoints/epoch_2.pt');
  expect(names(chooseUntracked(epochs, none, [{ path: '/w/run/actor/actor.pt', model: 'actor' }]))).toEqual([]);
});

test('metrics are told apart from the words of the name before them', () => {
  expect(
    ['depth_epoch01_val_loss0.26.pt', 'resnet50_val_roc_auc=0.93.pt', 'epoch3-val_f1_score_0.8.pt', 'net_0.81.pt'].map(
      (name) => valuesInName(`/w/${name}`).map((one) => one.name),
    ),
  ).toEqual([['val_loss'], ['val_roc_auc'], ['val_f1_score'], []]);
  const named = saves(
    'depth_epoch01_val_loss0.31.pt',
    'depth_epoch02_val_loss0.26.pt',
    'depth_epoch03_val_loss0.28.pt',
  );
  expect(chosen(named)).toEqual(['depth_epoch02_val_loss0.26.pt']);
});

test('a value of held-out data is a loss where no share and no percentage is that large, else it tells nothing', () => {
  const of = (...values: string[]): string[] =>
    chosen(saves(...values.map((value, at) => `depth_epoch${at + 1}_val${value}.pth`)));
  expect(of('2.92', '0.81', '0.95')).toEqual(['depth_epoch2_val0.81.pth']);
  expect(of('212.5', '180.1', '190.0')).toEqual(['depth_epoch2_val180.1.pth']);
  expect(of('0.92', '0.81', '0.95')).toEqual(['depth_epoch3_val0.95.pth']);
  expect(['churn-test-1.2.joblib', 'net_dev_2.0.pt', 'net_ep3_test0.93.pt'].map(hasCheckpointMark)).toEqual([
    false,
    false,
    true,
  ]);
  expect(of('61.2', '80.9', '70.3')).toEqual(['depth_epoch3_val70.3.pth']);
});

test('a loss of training does not tell which checkpoint is best, one of held-out data does', () => {
  const two = saves('checkpoint-4.pt', 'checkpoint-8.pt');
  const falling: Point[] = [
    [4, null, 0.2],
    [8, null, 0.5],
  ];
  const choose = (name: string): string | undefined =>
    chooseVersions('/w/run', two, { bestNames: [], metric: null, series: { [name]: falling } })[0]?.row.path;
  expect(choose('loss')).toBe('/w/run/checkpoint-8.pt');
  expect(choose('eval_loss')).toBe('/w/run/checkpoint-4.pt');
});

test('a value without a name is that of the log whose column has it at that epoch', () => {
  const two = saves('weights.01-0.50.keras', 'weights.02-0.30.keras', 'weights.03-0.40.keras');
  const series: Record<string, [number, null, number][]> = {
    loss: [
      [1, null, 0.9],
      [2, null, 0.8],
      [3, null, 0.7],
    ],
    val_loss: [
      [1, null, 0.5],
      [2, null, 0.304],
      [3, null, 0.4],
    ],
  };
  const [best] = chooseVersions('/w/run', two, { bestNames: [], metric: null, series });
  expect(best?.why).toBe("best of 3 saves by val_loss 0.3 at epoch 2, from the files' names");
  const fromZero = {
    val_loss: series['val_loss']!.map(([step, time, value]): Point => [Number(step) - 1, time, value]),
  };
  expect(chooseVersions('/w/run', two, { bestNames: [], metric: null, series: fromZero })[0]?.why).toBe(best?.why);
  expect(two.map(({ row }) => logStepOf(row.path, fromZero))).toEqual([0, 1, 2]);
  const unlogged = chooseVersions('/w/run', two, { bestNames: [], metric: null })[0];
  expect(unlogged?.why).toBe('the last of 3 saves of its run; which is best is not known');
});
