import { expect, test } from 'vitest';
import { startMlflowService, runIn, type Mlflow } from './asked.ts';

const third = '/api/3.0/mlflow/traces';

function traceOf(id: string, more: object = {}): object {
  const info = {
    trace_id: id,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
    request_time: '2026-11-01T10:00:00.250Z',
    execution_duration: '1.5s',
    state: 'OK',
    request_preview: 'hello',
    trace_metadata: {},
    tags: { 'mlflow.traceName': 'ask' },
    ...more,
  };
  return { trace: { trace_info: info } };
}

async function found(service: Mlflow, filter = ''): Promise<string[]> {
  const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } }];
  const { traces } = await service.ok('POST', `${third}/search`, { locations, filter });
  return (traces as { trace_id: string }[]).map((one) => one.trace_id);
}

test('a trace is kept with its experiment, its run and its words, and found by them', async () => {
  const service = await startMlflowService();
  const run = await runIn(service);
  await service.ok('POST', third, traceOf('tr-1', { trace_metadata: { 'mlflow.sourceRun': run } }));
  await service.ok('POST', third, traceOf('tr-2', { state: 'ERROR', request_time: '2026-11-01T11:00:00Z' }));
  const { trace } = await service.ok('GET', `${third}/tr-1`);
  expect(trace).toMatchObject({
    trace_info: {
      trace_id: 'tr-1',
      request_time: '2026-11-01T10:00:00.250Z',
      execution_duration: '1.500s',
      trace_metadata: { 'mlflow.sourceRun': run },
      tags: { 'mlflow.artifactLocation': 'mlflow-artifacts:/0/traces/tr-1/artifacts' },
    },
  });
  expect(await found(service)).toEqual(['tr-2', 'tr-1']);
  expect(await found(service, "attributes.status = 'ERROR'")).toEqual(['tr-2']);
  expect(await found(service, `attributes.run_id = '${run}'`)).toEqual(['tr-1']);
  expect(await found(service, "attributes.name = 'ask' AND attributes.execution_time_ms > 1000")).toHaveLength(2);
  await service.ok('POST', 'traces/link-to-run', { trace_ids: ['tr-2'], run_id: run });
  expect(await found(service, `attributes.run_id = '${run}'`)).toEqual(['tr-2', 'tr-1']);
});

test('traces are tagged, judged and deleted, with the spans that were uploaded', async () => {
  const service = await startMlflowService();
  await service.ok('POST', third, traceOf('tr-1'));
  const spans = '/api/2.0/mlflow-artifacts/artifacts/0/traces/tr-1/artifacts/traces.json';
  expect((await service.send(spans, { method: 'PUT', body: '{"spans":[]}' })).status).toBe(200);
  await service.ok('PATCH', 'traces/tr-1/tags', { key: 'k', value: 'v' });
  expect(await found(service, "tags.k = 'v'")).toEqual(['tr-1']);
  await service.ok('DELETE', 'traces/tr-1/tags', { key: 'k' });
  expect(await service.refused('DELETE', 'traces/tr-1/tags', { key: 'k' })).toMatch(/^404/);
  const given = {
    assessment_name: 'good',
    feedback: { value: true },
    source: { source_type: 'HUMAN', source_id: 'me' },
  };
  const { assessment } = await service.ok('POST', `${third}/tr-1/assessments`, { assessment: given });
  const id = (assessment as { assessment_id: string }).assessment_id;
  await service.ok('PATCH', `${third}/tr-1/assessments/${id}`, { assessment: { rationale: 'because' } });
  const { trace } = await service.ok('GET', `${third}/tr-1`);
  expect(trace).toMatchObject({
    trace_info: { assessments: [{ assessment_name: 'good', feedback: { value: true }, rationale: 'because' }] },
  });
  const other = { assessment: { ...given, overrides: id, feedback: { value: false } } };
  const judged = await service.ok('POST', `${third}/tr-1/assessments`, other);
  expect(await service.ok('GET', `${third}/tr-1/assessments/${id}`)).toMatchObject({ assessment: { valid: false } });
  await service.ok(
    'DELETE',
    `${third}/tr-1/assessments/${(judged['assessment'] as { assessment_id: string }).assessment_id}`,
  );
  expect(await service.ok('GET', `${third}/tr-1/assessments/${id}`)).toMatchObject({ assessment: { valid: true } });
  const change = { assessment: { expectation: { value: 1 } } };
  expect(await service.refused('PATCH', `${third}/tr-1/assessments/${id}`, change)).toMatch(
    /^400 .*Cannot update expectation/,
  );
  await service.ok('PATCH', `${third}/tr-1/assessments/${id}`, { assessment: { metadata: { a: '1' } } });
  expect(
    await service.ok('PATCH', `${third}/tr-1/assessments/${id}`, { assessment: { metadata: { b: '2' } } }),
  ).toMatchObject({ assessment: { metadata: { a: '1', b: '2' } } });
  await service.ok('DELETE', `${third}/tr-1/assessments/${id}`);
  await service.ok('DELETE', `${third}/tr-1/assessments/${id}`);
  expect(await service.refused('GET', `${third}/tr-1/assessments/${id}`)).toMatch(/^404/);
  const deleted = await service.ok('POST', 'traces/delete-traces', { experiment_id: '0', request_ids: ['tr-1', 'no'] });
  expect(deleted).toEqual({ traces_deleted: 1 });
  expect(await found(service)).toEqual([]);
  expect((await service.send(spans, {})).status).toBe(404);
});

test('older clients begin and end a trace', async () => {
  const service = await startMlflowService();
  const begun = await service.ok('POST', 'traces', { experiment_id: '0', timestamp_ms: 1000 });
  const id = (begun['trace_info'] as { request_id: string }).request_id;
  const tags = [{ key: 'mlflow.traceName', value: 'old' }];
  await service.ok('PATCH', `traces/${id}`, { timestamp_ms: 1250, status: 'OK', tags });
  expect(await service.ok('GET', `traces/${id}/info`)).toMatchObject({
    trace_info: { timestamp_ms: 1000, execution_time_ms: 250, status: 'OK' },
  });
  expect(await service.ok('GET', 'traces', { experiment_ids: '0', filter: "name = 'old'" })).toMatchObject({
    traces: [{ request_id: id }],
  });
});

test('a trace whose experiment, time or name is none is refused', async () => {
  const service = await startMlflowService();
  for (const more of [
    { trace_id: '../x' },
    { request_time: 'soon' },
    { trace_location: { type: 'INFERENCE_TABLE' } },
    { state: 'FINE' },
    { execution_duration: '-1s' },
  ])
    expect(await service.refused('POST', third, traceOf('tr-1', more))).toMatch(/^400 INVALID_PARAMETER_VALUE/);
  const elsewhere = { trace_location: { mlflow_experiment: { experiment_id: '77' } } };
  expect(await service.refused('POST', third, traceOf('tr-1', elsewhere))).toMatch(/^404/);
  expect(await service.refused('GET', `${third}/tr-9`)).toMatch(
    /^404 RESOURCE_DOES_NOT_EXIST: Trace with ID 'tr-9' not found/,
  );
});
