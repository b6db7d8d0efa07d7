import { expect, test } from 'vitest';
import { metricsInName } from '../../../../daemon/ingest/artifact/recognisers/lightning.ts';
import { torch } from '../../../../daemon/ingest/artifact/recognisers/torch.ts';
import { expectedArtifact, factsOf } from './expected.ts';

test('a checkpoint has its version, hyperparameters, position and monitored metric', () => {
  for (const id of ['lightning_logs/version_0', 'lightning_logs/version_1']) {
    const artifact = expectedArtifact('lightning', id);
    const facts = factsOf(torch, `lightning/${id}/checkpoints`, 'last.ckpt');
    const best = artifact.metrics.best['val_loss'] as { value: number; file?: string };
    expect(facts).toMatchObject({
      framework: 'lightning',
      frameworkVersion: artifact.framework_version.recorded,
      format: 'lightning ckpt (torch zip)',
      params: artifact.params,
      epoch: 7,
      step: 72,
      pickle: { verdict: 'known imports only' },
    });
    expect(facts.metrics['val_loss']).toBeCloseTo(best.value, 6);
    expect(facts.metadata['checkpointKeys']).toEqual(artifact.checkpoint_keys);
    expect(facts.metadata['checkpoint']).toMatchObject({
      monitor: 'val_loss',
      mode: 'min',
      bestModelPath: best.file?.split('/').at(-1),
    });
  }
});

test('an earlier checkpoint has the score of its own time', () => {
  const facts = factsOf(torch, 'lightning/lightning_logs/version_1/checkpoints', 'epoch=3-step=36-val_loss=0.039.ckpt');
  expect(facts).toMatchObject({ epoch: 3, step: 36 });
  expect(facts.metrics['val_loss']).toBeCloseTo(0.039, 3);
});

test('no path of the machine that trained is shown', () => {
  const facts = factsOf(torch, 'lightning/lightning_logs/version_0/checkpoints', 'last.ckpt');
  expect(JSON.stringify(facts)).not.toContain('/home/');
});

test('metrics are read from a file’s name, position and version are not', () => {
  expect(metricsInName('epoch=7-step=72-val_loss=0.171-v1.ckpt')).toEqual({ val_loss: 0.171 });
  expect(metricsInName('m-epoch=01-val/f1=0.90-lr=1e-3.ckpt')).toEqual({ 'val/f1': 0.9, lr: 0.001 });
  expect(metricsInName('last.ckpt')).toEqual({});
});
