import { expect, test } from 'vitest';
import { torch } from '../../../../daemon/ingest/artifact/recognisers/torch.ts';
import { expectedArtifact, factsOf, inspect } from './expected.ts';
import { bytesOf, folderAt, folderOf, only, sample } from './on-disk.ts';

test('files of torch are recognised, the state of optimizers and generators is not', () => {
  const names = [
    'a.pt',
    'b.pth',
    'c.ckpt',
    'd.pt2',
    'model.bin',
    'optimizer.pt',
    'scheduler.pt',
    'rng_state.pth',
    'rng_state_0.pth',
    'scaler.pt',
    'training_args.bin',
    'data.bin',
  ];
  expect(torch.findGroups(folderOf('run', names)).map((group) => group.primary)).toEqual(names.slice(0, 5));
  expect(torch.findGroups(folderAt(sample('transformers/tiny-bert-cls/checkpoint-8')))).toEqual([]);
});

test('a state_dict has its tensors and parameters', () => {
  for (const id of ['digits-mlp-a', 'digits-mlp-b']) {
    const artifact = expectedArtifact('pytorch', id);
    const facts = factsOf(torch, `pytorch/${id}`, 'model.pt');
    expect(facts).toMatchObject({
      framework: 'pytorch',
      frameworkVersion: null,
      format: 'torch zip state_dict',
      parameterCount: artifact.parameter_count,
      tensorsTotal: 4,
      pickle: { verdict: 'known imports only' },
    });
    expect(facts.tensors.map((tensor) => tensor.name).toSorted()).toEqual(artifact.tensors);
    expect(facts.tensors[0]).toMatchObject({
      dtype: 'float32',
      bytes: 4 * (facts.tensors[0]?.shape ?? []).reduce((a, b) => a * b, 1),
    });
  }
});

test('a checkpoint has its epoch, metrics, configuration and the tensors of the model alone', () => {
  for (const id of ['digits-mlp-a', 'digits-mlp-b']) {
    const artifact = expectedArtifact('pytorch', id);
    for (const { path, epoch } of artifact.checkpoints ?? []) {
      const [, folder, name] = /^(.*)\/([^/]+)$/.exec(path) as unknown as [string, string, string];
      const facts = factsOf(torch, `pytorch/${folder}`, name);
      expect(facts).toMatchObject({ format: 'torch zip checkpoint', epoch, parameterCount: artifact.parameter_count });
      expect(facts.params).toMatchObject({ hidden: artifact.params['hidden'], lr: artifact.params['lr'] });
      expect(facts.metadata['checkpointKeys']).toEqual(artifact.checkpoint_keys);
      expect(Object.keys(facts.metrics)).toEqual(['loss', 'val_acc']);
    }
    const best = factsOf(torch, `pytorch/${id}/checkpoints`, 'best.pt');
    expect(best.metrics['val_acc']).toBeCloseTo(artifact.metrics.best['Accuracy/val']?.value ?? 0, 6);
  }
});

test('a whole module names the class that it needs', () => {
  const facts = factsOf(torch, 'pytorch/exports', 'whole_module.pth');
  expect(facts).toMatchObject({
    format: 'torch zip whole module',
    modelClass: 'Net',
    parameterCount: 2410,
    pickle: { verdict: 'runs code' },
    problems: [{ code: 'imports-main' }],
  });
  expect(facts.tensors.map((tensor) => tensor.name)).toEqual(['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']);
});

test('TorchScript has its tensors and the metrics beside them', () => {
  expect(factsOf(torch, 'pytorch/exports', 'model_scripted.pt')).toMatchObject({
    format: 'torchscript',
    modelClass: 'Net',
    parameterCount: 2410,
    pickle: { verdict: 'known imports only' },
  });
  const traced = factsOf(torch, 'pytorch/exports', 'model_traced.pt');
  expect(traced.metrics).toEqual({ val_acc: 0.9472222328186035 });
});

test('an exported program has its weights, version, inputs and outputs', () => {
  expect(factsOf(torch, 'pytorch/exports', 'exported.pt2')).toMatchObject({
    format: 'torch.export pt2',
    frameworkVersion: '2.15.0+cu132',
    parameterCount: 2410,
    signature: { inputs: [{ name: 'x', dtype: 'float32', shape: [1, 64] }], outputs: [{ shape: [1, 10] }] },
  });
});

test('the older format has no end mark', () => {
  expect(inspect(torch, 'pytorch/exports', 'legacy_nonzip.pth')).toMatchObject({
    state: 'unmarked',
    facts: { format: 'torch legacy state_dict', parameterCount: 2410 },
  });
});

test('optimizer, scheduler and generator state is foreign by whatever name', () => {
  for (const name of ['optimizer.pt', 'scheduler.pt', 'rng_state.pth']) {
    const bytes = bytesOf(`transformers/tiny-bert-cls/checkpoint-8/${name}`);
    const inspection = torch.inspect({ primary: 'x.pt', files: ['x.pt'], wholeFolder: false }, only('x.pt', bytes));
    expect(inspection.state, name).toBe('foreign');
  }
});

test('archives of other programs under a name of torch are foreign', () => {
  const bytes = bytesOf('keras/digits-run1/best.keras');
  expect(torch.inspect({ primary: 'm.pt', files: ['m.pt'], wholeFolder: false }, only('m.pt', bytes)).state).toBe(
    'foreign',
  );
});
