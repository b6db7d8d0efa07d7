import { describe, expect, test } from 'vitest';
import { runInHost } from './in-host.ts';
import { breastCancer, iris, trainingOutputs } from './outputs.ts';
import type { Report } from './suite/run.ts';
import { missing, type Wanted } from './workbench.ts';

const reason = missing();
const vsix = process.env['PLINTH_VSIX'];

const hosts: Record<string, { title: string; suite: string; wanted: () => Wanted }> = {
  registry: {
    title: 'in the extension host of a trusted window',
    suite: 'registry',
    wanted: () => ({ workspace: trainingOutputs({ iris }) }),
  },
  references: {
    title: 'in the extension host of a window on code that names models',
    suite: 'references',
    wanted: () => ({ workspace: trainingOutputs({ iris }) }),
  },
  restricted: {
    title: 'in the extension host of a window in Restricted Mode',
    suite: 'restricted',
    wanted: () => ({ workspace: trainingOutputs({ iris }), trusted: false }),
  },
  roots: {
    title: 'in the extension host of a window on three folders',
    suite: 'three-roots',
    wanted: () => ({
      roots: {
        one: trainingOutputs({ iris }),
        two: trainingOutputs({ 'breast-cancer': breastCancer }),
        three: trainingOutputs({}),
      },
    }),
  },
};

/** Runs a suite while this file is collected, so that each of its tests is in the report under its own name. */
async function reportOf(suite: string, wanted: Wanted): Promise<Report | Error> {
  try {
    return await runInHost(suite, { ...wanted, ...(vsix === undefined ? {} : { vsix }) });
  } catch (error) {
    return error as Error;
  }
}

if (reason !== undefined) test(`tests in the extension host: ${reason}`, (context) => context.skip(reason));
else {
  for (const { title, suite, wanted } of Object.values(hosts)) {
    const report = await reportOf(suite, wanted());
    describe(title, () => {
      if (report instanceof Error) {
        test('the suite runs to its end', () => Promise.reject(report));
        return;
      }
      for (const { title: name, state, error } of report.results) {
        test(name, (context) => {
          if (state === 'not run') context.skip(error ?? '');
          if (error !== null) throw new Error(error);
        });
      }
      test('the suite ran', () => expect(report.results.length).toBeGreaterThan(0));
    });
  }
}
