import { expect, test } from 'vitest';
import { untilIdle, watchingHere } from '../../support/daemon.ts';
import { interleaving, lostSaves, perform, strangeEvidence } from './interleaving.ts';

/** `PLINTH_INTERLEAVINGS=20 PLINTH_SEED=100` tries twenty larger ones, from that seed on. */
const count = Number(process.env['PLINTH_INTERLEAVINGS'] ?? 1);
const first = Number(process.env['PLINTH_SEED'] ?? Date.now() % 100_000);
const isLarge = count > 1;
const seeds = Array.from({ length: count }, (_, at) => first + at);
const isVisible = process.platform === 'linux';

test.for(seeds)(
  'however executions save over one another, nothing that stood is lost, and none has the evidence of another: seed %i',
  { timeout: 90_000 },
  async (seed) => {
    const place = await watchingHere();
    const blind = await watchingHere({ seesProcesses: false, timing: { runQuietMs: 4000 } });
    await blind.client.call('POST /roots', { path: place.out });
    const many = isLarge ? interleaving(seed, 4, 4, 8) : interleaving(seed, 3, 3, 4);
    const made = await perform(place.folder, many);
    await Promise.all([untilIdle(place, 30_000), untilIdle(blind, 30_000)]);
    const told = (which: string, found: string[]): string[] => found.map((one) => `${which}: ${one}`);
    const wrong = [
      ...(isVisible ? told('processes seen', await lostSaves(place, place.folder, made)) : []),
      ...(isVisible ? told('processes seen', await strangeEvidence(place, made)) : []),
      ...told('processes hidden', await lostSaves(blind, place.folder, made)),
    ];
    expect(wrong, `seed ${seed}: ${JSON.stringify(made)}`).toEqual([]);
    expect([...place.errors, ...blind.errors]).toEqual([]);
  },
);
