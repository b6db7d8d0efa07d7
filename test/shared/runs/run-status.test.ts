import { expect, test } from 'vitest';
import { mlflowNamesOf, runStatusOf } from '../../../daemon/shared/runs/run-status.ts';

test("a run's status is the same by MLflow's name, by its number, and by its number as a text", () => {
  const expected = ['running', 'running', 'finished', 'failed', 'killed'];
  const names = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
  expect(names.map(runStatusOf)).toEqual(expected);
  expect([1, 2, 3, 4, 5].map(runStatusOf)).toEqual(expected);
  expect(['1', '2', '3', '4', '5'].map(runStatusOf)).toEqual(expected);
});

test('what is no status of MLflow has none here', () => {
  for (const given of [0, 6, 1.5, -1, '', '6', 'finished', 'constructor', null, undefined, {}, []])
    expect(runStatusOf(given)).toBeUndefined();
});

test('each status here stands for its names there', () => {
  expect(mlflowNamesOf('running')).toEqual(['RUNNING', 'SCHEDULED']);
  expect(mlflowNamesOf('killed')).toEqual(['KILLED']);
});
