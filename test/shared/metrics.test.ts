import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricsText } from '../../daemon/shared/event-text.ts';
import { metricText } from '../../daemon/clients/lsp/features/text.ts';
import {
  compareMetricNames,
  leadingMetrics,
  metricOf,
  directionOf,
  isQuality,
  orderMetricNames,
  orderMetrics,
  selectPrimaryMetric,
  splitOf,
} from '../../daemon/shared/metrics.ts';
import { modelDescription, versionColumns, versionDescription } from '../../extension/trees/labels.ts';
import { model, now, version } from '../support/models.ts';
import { startService, threeVersions } from '../support/daemon.ts';

test('the primary metric is the held-out measure of quality that a person would name', () => {
  const cases: [string, Record<string, number>][] = [
    ['test/AUC', { 'learn/Logloss': 0.1, 'test/Logloss': 0.2, 'test/AUC': 0.9 }],
    ['precision', { precision: 0.8, test_time_s: 12 }],
    ['f1', { accumulated_cost: 4, f1: 0.7 }],
    ['eval_accuracy', { eval_runtime: 3, eval_accuracy: 0.9, eval_samples_per_second: 80, epoch: 3 }],
    ['val1_accuracy', { val1_accuracy: 0.9, train_loss: 0.1 }],
    ['power_accuracy', { power_accuracy: 0.9, gpu_mem: 4 }],
    ['valAuc', { trainLoss: 0.1, valAuc: 0.9 }],
    ['metrics/mAP50(B)', { 'train/box_loss': 0.1, 'metrics/mAP50(B)': 0.9, 'lr/pg0': 0.001 }],
  ];
  for (const [wanted, metrics] of cases) expect(selectPrimaryMetric([metrics])).toBe(wanted);
  expect(selectPrimaryMetric([{ runtime: 3, epoch: 2, total_cost: 9 }])).toBeNull();
  expect(selectPrimaryMetric([])).toBeNull();
});

test('of the metrics of many versions the most common one that varies is primary, and no constant', () => {
  const versions = [1, 2, 3, 4].map((number) => ({
    val_auc: 0.9,
    val_loss: number / 10,
    ...(number === 1 ? { val_acc: 0.5 } : {}),
  }));
  expect(selectPrimaryMetric(versions)).toBe('val_loss');
  expect(selectPrimaryMetric([{ val_classes: 10 }, { val_classes: 10 }])).toBeNull();
  expect(selectPrimaryMetric([{ accuracy: 0.9 }, { accuracy: 0.9 }])).toBe('accuracy');
});

test('directions and splits are told by whole words', () => {
  expect(['val1_accuracy', 'power_score', 'log_loss', 'ece', 'fps', 'transferred'].map(directionOf)).toEqual([
    'higher',
    'higher',
    'lower',
    'lower',
    'higher',
    null,
  ]);
  expect(['latest', 'test/f1', 'trainer', 'train_loss', 'test/train.csv', 'cv_auc', 'learn/AUC'].map(splitOf)).toEqual([
    'unknown',
    'held-out',
    'unknown',
    'training',
    'training',
    'held-out',
    'training',
  ]);
});

const words = [
  'val',
  'test',
  'train',
  'eval',
  'loss',
  'auc',
  'acc',
  'runtime',
  'cost',
  'epoch',
  'f1',
  'x',
  'm',
  'step',
];
const names = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })
  .chain((parts) => fc.constantFrom('_', '/', '.', '-').map((sign) => parts.join(sign)));
const metrics = fc.dictionary(names, fc.double({ min: -100, max: 100, noNaN: true }), { maxKeys: 8 });

test('tree, table, lens and page name the same metric first, whatever the metrics are called', () => {
  fc.assert(
    fc.property(fc.array(metrics, { minLength: 1, maxLength: 12 }), (all) => {
      const name = selectPrimaryMetric(all);
      const versions = all.map((one, index) => version({ number: index + 1, metrics: one }));
      const primaryMetric =
        name === null ? null : { name, direction: directionOf(name), chosenBy: 'versions' as const };
      const current = { number: 1, framework: 'x', folder: '/', metrics: all[0]! };
      const row = modelDescription(model({ primaryMetric, current }), 0);
      if (name !== null) {
        expect(isQuality(name)).toBe(true);
        expect(orderMetricNames(versions, leadingMetrics({ pinnedMetrics: [], primaryMetric }))[0]).toBe(name);
      }
      for (const one of versions) {
        const text = metricText(one.metrics, { primaryMetric });
        expect(text === '' || text.startsWith(`${name} `)).toBe(true);
        if (text !== '') expect(metricsText(one.metrics, 3, name === null ? [] : [name]).split(' · ')[0]).toBe(text);
        const columns = versionColumns([one], primaryMetric);
        const described = versionDescription(one, undefined, now, columns);
        if (text !== '') expect(described).toContain(columns.value(metricOf(one.metrics, name)));
      }
      const first = metricText(all[0]!, { primaryMetric });
      if (first !== '') expect(row).toContain(first);
    }),
  );
});

test('the order of metrics is the same whatever order they come in', () => {
  fc.assert(
    fc.property(metrics, (one) => {
      const reversed = Object.fromEntries(Object.entries(one).toReversed());
      expect(orderMetrics(reversed).map(([name]) => name)).toEqual(orderMetrics(one).map(([name]) => name));
    }),
  );
  expect(['b', 'a', 'a'].toSorted(compareMetricNames)).toEqual(['a', 'a', 'b']);
});

test('the primary metric is derived, and a person overrules it and can undo it', async () => {
  const service = await startService();
  const name = await threeVersions(service.client);
  const primary = async () => (await service.client.call('GET /models/:model', { model: name })).primaryMetric;
  const derived = await primary();
  expect(derived?.chosenBy).toBe('versions');
  const chosen = await service.client.call('POST /models/:model/metric', { model: name, metric: 'my_own' });
  expect(await primary()).toEqual({ name: 'my_own', direction: null, chosenBy: 'person' });
  const listed = await service.client.call('GET /models', {});
  expect(listed.items[0]?.primaryMetric?.name).toBe('my_own');
  await service.client.call('POST /undo', { seq: chosen.seq });
  expect(await primary()).toEqual(derived);
});
