import { copyFileSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../daemon/clients/client/request.ts';
import { samples, until } from '../support/daemon.ts';

const steps = 60;
const segments = ['enterprise', 'smb', 'consumer'];
const regions = ['emea', 'apac', 'amer'];
/** Curves, by name: value at the start and at the end, and whether better versions end higher. */
const curves: Readonly<Record<string, readonly [number, number]>> = {
  'train/loss': [0.69, 0.21],
  'val/loss': [0.7, 0.29],
  'train/auc': [0.5, 0.97],
  'val/auc': [0.5, 0.9],
  'val/segment=enterprise|region=emea/recall_at_precision_0.90': [0.2, 0.7],
  grad_norm: [4, 0.4],
  lr: [0.001, 0.0001],
  'system/gpu_0/memory_allocated_percent': [20, 71],
};

/**
 * Registers `count` versions of the model `churn-classifier` as a training leaves them: some forty metrics with prefixes and long
 * names, eight curves, nested params and configuration texts, trained over six weeks. Version 3 is in production, the last one in staging.
 */
export async function registerRichModel(client: Client, folder: string, count: number): Promise<string> {
  const model = 'churn-classifier';
  for (let number = 1; number <= count; number += 1) {
    const run = join(folder, 'runs', `run-${String(number).padStart(3, '0')}`);
    const path = writeRun(run, number);
    setTimes(run, Date.now() - ((count - number) / count) * sixWeeks - hour);
    await client.call('POST /register', { path, model, again: true });
  }
  const last = String(count);
  const of = { model, version: last };
  const isKnown = async (): Promise<boolean> => {
    const detail = await client.call('GET /models/:model/versions/:version', of);
    return detail.lineage !== null && 'val/f1' in detail.version.metrics;
  };
  await until(isKnown, 'the lineage and the metrics of the last version', 120_000);
  const promote = 'POST /models/:model/versions/:version/promote';
  await client.call(promote, { model, version: String(Math.min(3, count)), stage: 'production' });
  if (count > 3) await client.call(promote, { ...of, stage: 'staging' });
  return model;
}

const hour = 3_600_000;
const sixWeeks = 42 * 24 * hour;

/** Sets when the files of a run were written, so that the versions were trained one after another. */
function setTimes(run: string, at: number): void {
  for (const entry of readdirSync(run, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(run, entry), at / 1000, at / 1000);
}

/** Writes the files of one run and returns the path of its model. Each run differs a little, the same in every call. */
function writeRun(run: string, number: number): string {
  mkdirSync(join(run, 'conf'), { recursive: true });
  const path = join(run, 'model.joblib');
  copyFileSync(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'), path);
  writeFileSync(join(run, 'metrics.json'), JSON.stringify(metricsOf(number)));
  writeFileSync(join(run, 'metrics.csv'), curvesOf(number));
  const optimizer = { name: number % 4 === 0 ? 'sgd' : 'adamw', lr: 0.001 + number / 10_000, weight_decay: 0.01 };
  const params = { optimizer, depth: 4 + (number % 3), dropout: number % 2 ? 0.1 : 0.2, batch_size: 256, seed: 17 };
  writeFileSync(join(run, 'params.json'), JSON.stringify(params));
  writeFileSync(join(run, 'config.yaml'), configOf(number));
  writeFileSync(join(run, 'conf', 'data.yaml'), `table: events_${number > 5 ? 'v2' : 'v1'}\nlimit: 100000\n`);
  return path;
}

function noise(number: number, place: number): number {
  return (((number * 7919 + place * 104_729) % 1000) / 1000 - 0.5) * 0.03;
}

function metricsOf(number: number): Record<string, number> {
  const gain = number * 0.002;
  const metrics: Record<string, number> = {
    'val/f1': 0.81 + gain + noise(number, 1),
    'val/accuracy': 0.88 + gain + noise(number, 2),
    'val/ece': 0.04 - gain / 4 + noise(number, 3) / 10,
    'val/log_loss': 0.31 - gain + noise(number, 4),
    'test/auc': 0.89 + gain + noise(number, 5),
    latency_p95_ms: 42 + number * 1.7,
    throughput_rps: 1180 - number * 13,
    size_mb: 0.099,
    'system/duration_seconds': 512.25 + number,
    trained_samples: 1_204_881,
    churned_share: 0.2134 + noise(number, 6),
  };
  let place = 10;
  for (const segment of segments)
    for (const region of regions)
      for (const name of ['recall_at_precision_0.90', 'auc', 'support'])
        metrics[`val/segment=${segment}|region=${region}/${name}`] =
          name === 'support' ? 1200 + (place += 1) * 31 : 0.7 + gain + noise(number, (place += 1));
  return metrics;
}

function curvesOf(number: number): string {
  const names = Object.keys(curves);
  const rows = Array.from({ length: steps }, (_, index) => {
    const done = 1 - Math.exp((-4 * index) / steps);
    const values = Object.values(curves).map(
      ([from, to], place) =>
        from + (to * (1 + noise(number, place) * 2) - from) * done + from * noise(index + number, place) * 0.4,
    );
    return [index * 50, ...values].join(',');
  });
  return `step,${names.join(',')}\n${rows.join('\n')}\n`;
}

function configOf(number: number): string {
  const filler = Array.from({ length: 12 }, (_, index) => `  feature_${index}: raw`);
  return [
    'model: gradient-boosting',
    `learning_rate: ${0.001 + number / 10_000}`,
    'features:',
    ...filler,
    `  feature_12: ${number > 4 ? 'log' : 'raw'}`,
    'early_stopping:',
    '  patience: 10',
    ...(number % 2 === 0 ? ['  min_delta: 0.0005'] : []),
    `class_weight: ${number > 6 ? 'balanced' : 'none'}`,
    '',
  ].join('\n');
}
