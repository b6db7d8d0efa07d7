import { spawnSync } from 'node:child_process';
import { readTrainings, type Training } from './expectation.ts';
import { pathWith } from './python.ts';
import { train, type Outcome } from './run-training.ts';
import { tellOutcome, tellScore } from './scoreboard.ts';

/**
 * Runs real training scripts with real libraries, and checks whether the registry says about them what a person would. Run by
 * hand, because the libraries are large.
 */

const settlingAtOnce = 5;
/** `--autolog`: MLflow's autolog sees each training from inside, and must agree with the registry. */
const isLogged = process.argv.includes('--autolog');

async function run(trainings: Training[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const settling = new Set<Promise<void>>();
  const note = (name: string, outcome: Outcome): void => {
    outcomes.set(name, outcome);
    console.log(tellOutcome(name, outcome));
  };
  for (const training of trainings) {
    const outcome = await begin(training);
    if ('kind' in outcome) {
      note(training.name, outcome);
      continue;
    }
    const end = outcome.settled.then((one) => note(training.name, one)).finally(() => settling.delete(end));
    settling.add(end);
    // The next training begins while the service still waits for more of this one. Processes run one at a time.
    if (settling.size >= settlingAtOnce) await Promise.race(settling);
  }
  await Promise.all(settling);
  return outcomes;
}

async function begin(training: Training): Promise<Outcome | Awaited<ReturnType<typeof train>>> {
  const { needs, programs } = training.expected;
  if (isLogged && needs === 'python') return { kind: 'not run', reason: 'it uses no library that autolog knows' };
  const found = pathWith(isLogged && needs === 'light' ? 'logged' : needs);
  if ('reason' in found) return { kind: 'not run', reason: found.reason };
  const env = { ...process.env, PATH: found.path };
  const missing = programs.find((one) => spawnSync('sh', ['-c', `command -v ${one}`], { env }).status !== 0);
  if (missing !== undefined) return { kind: 'not run', reason: `there is no ${missing}` };
  return train(training, found.path, isLogged);
}

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const trainings = readTrainings().filter(
  ({ name }) => named.length === 0 || named.some((one) => name === one || name.startsWith(`${one}-`)),
);
if (trainings.length === 0)
  throw new Error(`There is no training called ${named.join(', ')}: npm run zoo -- --list tells of all.`);
if (process.argv.includes('--list')) {
  for (const { name, expected } of trainings)
    console.log(`${name.padEnd(28)} ${expected.needs.padEnd(7)} ${expected.what}`);
} else {
  const began = performance.now();
  const outcomes = await run(trainings);
  console.log(tellScore(outcomes, (performance.now() - began) / 1000));
  process.exitCode = [...outcomes.values()].some(({ kind }) => kind === 'wrong') ? 1 : 0;
}
