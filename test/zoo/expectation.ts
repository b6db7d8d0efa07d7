import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** A number or text as the script writes it, or `TRUTH.auc`, which the script printed; `TRUTH1.auc` is from its first such line. */
const value = z.union([z.number(), z.string()]);
const values = z.union([z.record(z.string(), value), z.string()]);

const version = z.strictObject({
  /** Pattern of its main file, below the project. */
  file: z.string().optional(),
  /** Digest of one of its files. Needed when a path is saved more than once. */
  sha256: z.string().optional(),
  /** It has these; there may be others. */
  metrics: values.optional(),
  /** It has none of these names; `*` means none besides those above. */
  without: z.array(z.string()).optional(),
  params: values.optional(),
  /** Base names of files that belong to it. */
  holds: z.array(z.string()).optional(),
  framework: z.string().optional(),
  /** Words of one of its problems. */
  problem: z.string().optional(),
});

const rule = z.enum(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8']);

const expectation = z.strictObject({
  /** One sentence: what a person who reads the script would say it did. */
  what: z.string(),
  /** The libraries that it needs. */
  needs: z.enum(['python', 'light', 'heavy']),
  /** Programs that it needs besides. */
  programs: z.array(z.string()).default([]),
  /** Name of the project's folder, when the name of the script's folder would not do. */
  project: z.string().optional(),
  /**
   * Shell commands to run in the project, one after the other; $ZOO is the script's own folder. `watch FOLDER` makes the service
   * watch another folder.
   */
  run: z.array(z.string()),
  /** Folder below the project that is watched, when not all of it is. */
  watch: z.string().default('.'),
  /** Every model and its versions, oldest first. Anything else must not be registered. `a|b` when people would disagree about the name. */
  models: z.record(z.string(), z.array(version)),
  /** What becomes of other files, by a pattern of their paths: the state, and words of the reason. Nothing else may be waiting in the end. */
  others: z
    .record(z.string(), z.strictObject({ state: z.string().optional(), says: z.string().optional() }))
    .default({}),
  /** The rule that applies to each kind of wrong outcome. The usual ones are in `judge.ts`. */
  rules: z.partialRecord(z.enum(['name', 'versions', 'metrics', 'params', 'holds', 'others']), rule).default({}),
  /** Models that must not be registered, and the rule that says so. */
  never: z.record(z.string(), rule).default({}),
});

export type Expectation = z.infer<typeof expectation>;
export type ExpectedVersion = z.infer<typeof version>;
export type Rule = z.infer<typeof rule>;

/** A training: its folder, which is copied to be the project, and its expectations. */
export interface Training {
  name: string;
  folder: string;
  /** True when its files are copied to the project. Those of a case are not. */
  isCopied: boolean;
  expected: Expectation;
}

/** Returns all trainings, sorted by name. Throws when a file of expectations is not valid. */
export function readTrainings(): Training[] {
  return ['scripts', 'cases'].flatMap((kind) => {
    const place = join(import.meta.dirname, kind);
    const names = readdirSync(place).filter((name) => existsSync(join(place, name, 'expected.yaml')));
    return names.toSorted().map((name) => ({
      name,
      folder: join(place, name),
      isCopied: kind === 'scripts',
      expected: readExpectation(join(place, name, 'expected.yaml')),
    }));
  });
}

function readExpectation(path: string): Expectation {
  const read = expectation.safeParse(parse(readFileSync(path, 'utf8')));
  if (!read.success) throw new Error(`${path}: ${z.prettifyError(read.error)}`);
  return read.data;
}
