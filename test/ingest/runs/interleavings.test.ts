import { expect, test } from 'vitest';
import { untilIdle, startWarmService } from '../../support/daemon.ts';
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
    const service = await startWarmService();
    const blind = await startWarmService({ seesProcesses: false, timing: { runQuietMs: 4000 } });
    await blind.client.call('POST /roots', { path: service.out });
    const many = isLarge ? interleaving(seed, 4, 4, 8) : interleaving(seed, 3, 3, 4);
    const made = await perform(service.folder, many);
    await Promise.all([untilIdle(service, 30_000), untilIdle(blind, 30_000)]);
    const told = (which: string, found: string[]): string[] => found.map((one) => `${which}: ${one}`);
    const wrong = [
      ...(isVisible ? told('processes seen', await lostSaves(service, service.folder, made)) : []),
      ...(isVisible ? told('processes seen', await strangeEvidence(service, made)) : []),
      ...told('processes hidden', await lostSaves(blind, service.folder, made)),
    ];
    expect(wrong, `seed ${seed}: ${JSON.stringify(made)}`).toEqual([]);
    expect([...service.errors, ...blind.errors]).toEqual([]);
  },
);
