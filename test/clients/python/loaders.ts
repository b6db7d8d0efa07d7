import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import { runPython } from '../../mlflow/python.ts';
import { interpreterIn, packageFolder } from './python.ts';

/**
 * Loads a version with `plinth.load` and each library that the tests do without, and compares what it computes with what the library computes
 * from the saved file. Run by hand: each library gets an environment of its own, one after another, which is deleted afterwards.
 */

interface Loading {
  packages: readonly string[];
  /** Path below the samples. */
  sample: string;
  /** Python that defines `direct(path)`, which loads the file without Plinth, and `computed(model)`, a value of JSON. */
  script: string;
}

const loadings: Record<string, Loading> = {
  keras: {
    packages: ['keras', 'jax', 'numpy'],
    sample: 'tensorflow/model.keras',
    script: `
import os; os.environ["KERAS_BACKEND"] = "jax"
import keras, numpy
direct = keras.models.load_model
def computed(model): return numpy.asarray(model(numpy.full((2, *model.input_shape[1:]), 0.5))).tolist()
`,
  },
  onnxruntime: {
    packages: ['onnxruntime', 'numpy'],
    sample: 'pytorch/exports/model_ts_exporter.onnx',
    script: `
import numpy, onnxruntime
def direct(path): return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
def computed(model):
    shaped = {one.name: numpy.full([size if isinstance(size, int) else 2 for size in one.shape], 0.5, "float32") for one in model.get_inputs()}
    return [part.tolist() for part in model.run(None, shaped)]
`,
  },
  spacy: {
    packages: ['spacy'],
    sample: 'spacy/training/model-best',
    script: `
import spacy
direct = spacy.load
def computed(model): return model("The delivery was late and the box was damaged.").cats
`,
  },
};

/** Follows the script of each library. */
const ending = `
import json, sys, plinth
own, other = computed(plinth.load(sys.argv[1])), computed(direct(sys.argv[2]))
print("SAME" if own == other and own else f"DIFFERENT {json.dumps(own)[:200]} {json.dumps(other)[:200]}")
`;

const samples = join(import.meta.dirname, '..', '..', 'fixtures', 'samples');
const asked = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'plinth-loaders-'));
const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder: join(folder, 'data') }), silent);
const client = connect(daemon.file, 'test');
for (const [name, loading] of Object.entries(loadings)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const path = join(samples, loading.sample);
  await client.call('POST /register', { path, model: name });
  const told = await outcome(loading, [name, path]);
  if (told !== 'SAME') process.exitCode = 1;
  console.log(`${told === 'SAME' ? 'ok' : 'not ok'} ${name}${told === 'SAME' ? '' : `: ${told}`}`);
}
await daemon.stop();
rmSync(folder, { recursive: true, force: true });

/** Installs the packages, runs the script and deletes the environment. */
async function outcome({ packages, script }: Loading, args: readonly string[]): Promise<string> {
  const environment = join(folder, 'venv');
  try {
    if (spawnSync('python3', ['-m', 'venv', environment]).status !== 0) return 'there is no python3 with venv';
    const python = interpreterIn(environment);
    const pip = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--no-compile', ...packages], {
      encoding: 'utf8',
    });
    if (pip.status !== 0) return `pip could not install ${packages.join(' ')}: ${pip.stderr.slice(-300)}`;
    const env = { PYTHONPATH: packageFolder, PYTHONDONTWRITEBYTECODE: '1', PLINTH_DATA: join(folder, 'data') };
    const { out, err } = await runPython(python, ['-c', script + ending, ...args], env);
    return /^(SAME|DIFFERENT.*)$/m.exec(out)?.[0] ?? err.slice(-1000);
  } finally {
    rmSync(environment, { recursive: true, force: true });
  }
}
