import { expect, test } from 'vitest';
import { startMlflowService, runIn } from './asked.ts';

test('what a data set says of itself is never an exception', async () => {
  const service = await startMlflowService();
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  const odd = [
    'null',
    '[]',
    '{"mlflow_colspec": [null, 7, {"name": {}}]}',
    '{',
    '{"num_rows": "x"}',
    '{"mlflow_colspec": {}}',
  ];
  for (const [n, text] of odd.entries()) {
    const run = await runIn(service);
    const dataset = { name: 'd', digest: `x${n}`, source_type: 'local', source: 's', schema: text, profile: text };
    await service.ok('POST', 'runs/log-inputs', { run_id: run, datasets: [{ dataset, tags: [] }] });
    await service.ok('POST', 'model-versions/create', { name: 'm', source: 's3://b/x', run_id: run });
  }
  expect(service.errors).toEqual([]);
});

test('a version has the lineage that its run’s client told, without secrets', async () => {
  const service = await startMlflowService();
  const commit = 'a'.repeat(40);
  const tags = Object.entries({
    'mlflow.user': 'ana',
    'mlflow.source.name': '/home/ana/churn/train.py',
    'mlflow.source.git.commit': commit,
    'mlflow.source.git.branch': 'main',
    'mlflow.source.git.repoURL': 'https://ana:hunter2@git.example/churn.git',
  }).map(([key, value]) => ({ key, value }));
  const run = await runIn(service, { tags });
  await service.ok('POST', 'runs/log-batch', { run_id: run, params: [{ key: 'random_state', value: '7' }] });
  const dataset = {
    name: 'customers',
    digest: 'abc123',
    source_type: 'local',
    source: 'customers.csv',
    profile: '{"num_rows": 150, "num_elements": 600}',
    schema: '{"mlflow_colspec": [{"name": "age", "type": "long"}, {"name": "plan", "type": "string"}]}',
  };
  const datasets = [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }];
  await service.ok('POST', 'runs/log-inputs', { run_id: run, datasets });
  const files = { MLmodel: 'mlflow_version: 3.17.2\nflavors:\n  python_function:\n    python_version: 3.11.7\n', 'requirements.txt': 'mlflow==3.17.2\nscikit-learn==1.9.1\n# x\nother\n' }; // prettier-ignore
  for (const [name, body] of Object.entries(files))
    await service.send(`/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/m/${name}`, { method: 'PUT', body });
  await service.ok('POST', 'registered-models/create', { name: 'churn' });
  await service.ok('POST', 'model-versions/create', { name: 'churn', source: `runs:/${run}/m`, run_id: run });
  const at = { model: 'churn', version: '1' };
  const { lineage } = await service.client.call('GET /models/:model/versions/:version', at);
  expect(lineage).toMatchObject({
    code: { commit, branch: 'main', remote: 'https://git.example/churn.git' },
    process: { script: '/home/ana/churn/train.py', folder: '/home/ana/churn' },
    environment: { python: '3.11.7', packages: { mlflow: '3.17.2', 'scikit-learn': '1.9.1' } },
    data: [{ path: 'customers', digest: 'mlflow:abc123', rows: 150, columns: ['age', 'plan'] }],
    seeds: { random_state: 7 },
  });
  expect(JSON.stringify(lineage)).not.toContain('hunter2');
  expect(lineage?.missing.join(' ')).toContain('of ana');
});
