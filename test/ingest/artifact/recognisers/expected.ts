import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ModelFacts } from '../../../../daemon/protocol/artifact.ts';
import type { Inspection, Recogniser, UnitClaim } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { folderAt, openIn, sample } from './on-disk.ts';

/** What an independent reader found in a sample, see each sample's expected.json. */
export interface ExpectedUnit {
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

export function expectedUnit(framework: string, id: string): ExpectedUnit {
  const text = readFileSync(join(sample(framework), 'expected.json'), 'utf8');
  const unit = (JSON.parse(text) as { units: ExpectedUnit[] }).units.find((candidate) => candidate.id === id);
  if (unit === undefined) throw new Error(`expected.json of ${framework} has no unit ${id}`);
  return unit;
}

export function claimOf(recogniser: Recogniser, folder: string, primary: string): UnitClaim {
  const claims = recogniser.claims(folderAt(sample(folder)));
  const claim = claims.find((candidate) => candidate.primary === primary);
  if (claim === undefined) throw new Error(`${recogniser.name} does not claim ${primary}`);
  return claim;
}

export function inspect(recogniser: Recogniser, folder: string, primary: string): Inspection {
  return recogniser.inspect(claimOf(recogniser, folder, primary), openIn(sample(folder)));
}

/** The facts of a unit that must be whole. */
export function factsOf(recogniser: Recogniser, folder: string, primary: string): ModelFacts {
  const inspection = inspect(recogniser, folder, primary);
  expect(inspection.state).toBe('whole');
  return (inspection as { facts: ModelFacts }).facts;
}
