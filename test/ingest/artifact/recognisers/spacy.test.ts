import { expect, test } from 'vitest';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import { chooseVersions, type Candidate } from '../../../../daemon/ingest/runs/select-checkpoint.ts';
import type { Inspection, OpenFile, FileGroup } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { spacy } from '../../../../daemon/ingest/artifact/recognisers/spacy.ts';
import { expectedArtifact } from '../../run-logs/sample.ts';
import { factsOf } from './inspect.ts';
import { folderAt, folderOf, openIn, sample } from './on-disk.ts';

const best = sample('spacy/training/model-best');

function groupIn(path: string): FileGroup {
  return spacy.findGroups(folderAt(path))[0] as FileGroup;
}

function inspectWith(name: string, content: string, group = groupIn(best)): Inspection {
  const open: OpenFile = (path) => (path === name ? sourceOf(Buffer.from(content)) : openIn(best)(path));
  return spacy.inspect(group, open);
}

test('a pipeline is its whole folder, and has no end mark', () => {
  const group = groupIn(best);
  expect(group).toMatchObject({ primary: 'meta.json', wholeFolder: true });
  expect(group.files).toEqual([
    'config.cfg', 'meta.json', 'textcat/cfg', 'textcat/model', 'tokenizer', 'vocab/key2row', 'vocab/lookups.bin',
    'vocab/strings.json', 'vocab/vectors', 'vocab/vectors.cfg',
  ]); // prettier-ignore
  expect(spacy.inspect(group, openIn(best)).state).toBe('unmarked');
});

test('version, metrics and params of a pipeline are read', () => {
  const expected = expectedArtifact('spacy', 'model-best');
  const facts = factsOf(spacy.inspect(groupIn(best), openIn(best)));
  expect(facts).toMatchObject({ framework: 'spacy', frameworkVersion: expected.framework_version.recorded });
  expect(facts.metrics).toEqual(expected.metrics.final);
  expect(facts.params).toMatchObject({
    lang: 'en',
    pipeline: ['textcat'],
    'training.dropout': 0.1,
    'components.textcat.model.ngram_size': 1,
  });
  expect(facts.metadata).toMatchObject({ labels: { textcat: ['POS', 'NEG'] } });
});

test('a pipeline without a trained component, or with a cut meta.json, is partial', () => {
  const group = groupIn(best);
  const without = { ...group, files: group.files.filter((file) => !file.startsWith('textcat/')) };
  expect(spacy.inspect(without, openIn(best))).toMatchObject({ state: 'partial' });
  expect(inspectWith('meta.json', '{"lang": "en", "pipel').state).toBe('partial');
  const early = folderOf('model-best', ['meta.json', 'config.cfg', 'tokenizer']);
  expect(spacy.findGroups(early)[0]?.missing).toBe('vocab is missing.');
});

test('a component of rules or functions needs no folder', () => {
  const config = '[components.merge_entities]\nfactory = "merge_entities"\n';
  expect(inspectWith('config.cfg', config).state).toBe('unmarked');
});

test('a meta.json of another kind is foreign', () => {
  expect(inspectWith('meta.json', '{"name": "x"}').state).toBe('foreign');
  expect(inspectWith('meta.json', '[]').state).toBe('foreign');
  expect(spacy.findGroups(folderOf('x', ['meta.json', 'config.cfg']))).toEqual([]);
});

test('of a run with model-best and model-last the best becomes the version, though the last is newer', () => {
  const saves = ['model-best', 'model-last'].map((name, index) => ({
    row: { path: `/w/training/${name}/meta.json`, writtenAt: index },
    metrics: {},
  })) as unknown as Candidate[];
  const chosen = chooseVersions('/w/training', saves, { bestNames: [], metric: null });
  expect(chosen.map(({ row }) => row.path)).toEqual(['/w/training/model-best/meta.json']);
});
