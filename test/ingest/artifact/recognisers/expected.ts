import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ModelFacts } from '../../../../daemon/protocol/artifact.ts';
import type { Inspection, Recogniser, FileGroup } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { folderAt, openIn, sample } from './on-disk.ts';

/** What an independent reader found in a sample (see the sample's expected.json). */
export interface ExpectedArtifact {
  id: string;
  framework: string;
  framework_version: { recorded: string | null };
  params: Record<string, unknown>;
  metrics: { best: Record<string, { value: number }> };
  parameter_count?: number;
  tensors?: string[];
  checkpoint_keys?: string[];
  checkpoints?: { path: string; epoch: number }[];
  model_class?: string;
}

export function expectedArtifact(framework: string, id: string): ExpectedArtifact {
  const text = readFileSync(join(sample(framework), 'expected.json'), 'utf8');
  const artifact = (JSON.parse(text) as { units: ExpectedArtifact[] }).units.find((candidate) => candidate.id === id);
  if (artifact === undefined) throw new Error(`expected.json of ${framework} has no artifact ${id}`);
  return artifact;
}

export function groupOf(recogniser: Recogniser, folder: string, primary: string): FileGroup {
  const groups = recogniser.findGroups(folderAt(sample(folder)));
  const group = groups.find((candidate) => candidate.primary === primary);
  if (group === undefined) throw new Error(`${recogniser.name} does not recognise ${primary}`);
  return group;
}

export function inspect(recogniser: Recogniser, folder: string, primary: string): Inspection {
  return recogniser.inspect(groupOf(recogniser, folder, primary), openIn(sample(folder)));
}

/** Returns the facts of an artifact, which must be complete. */
export function factsOf(recogniser: Recogniser, folder: string, primary: string): ModelFacts {
  const inspection = inspect(recogniser, folder, primary);
  expect(inspection.state).toBe('whole');
  return (inspection as { facts: ModelFacts }).facts;
}
