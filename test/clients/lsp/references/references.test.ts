import { expect, test } from 'vitest';
import { suffixOf, type Reference } from '../../../../daemon/clients/lsp/references/reference.ts';
import { computed } from '../../../support/daemon.ts';
import { findReferences, languageOf } from '../../../../daemon/clients/lsp/references/references.ts';

const models = new Set(['churn', 'iris-rf', 'Kündigung']);

function found(text: string, language = 'python'): string[] {
  return findReferences(text, language, (name) => models.has(name)).map((one) => shown(one, text));
}

/** Returns the text that a reference covers, then how it was understood. */
function shown(one: Reference, text: string): string {
  const covered = text.slice(one.start, one.end);
  if (one.form === 'path') return `${covered} = ${one.path}`;
  expect(text.slice(one.modelStart, one.modelEnd)).toBe(one.model);
  expect(text.slice(one.selectorStart, one.selectorEnd)).toBe(
    one.selector.kind === 'none' ? '' : covered.slice(one.selectorStart - one.start),
  );
  return `${covered} = ${one.model} ${one.selector.kind}${suffixOf('uri', one.selector)}`;
}

test('a URI names a number, a stage, an alias, the latest or nothing yet', () => {
  const text = [
    'a = "models:/churn/3"',
    "b = 'models:/churn@champion'",
    'c = "models:/churn/Production"',
    'd = "models:/churn/latest"',
    'e = "models:/churn"',
    'f = "models:/churn/"',
    'g = "models:/churn@"',
    'h = "models:/churn/None"',
  ].join('\n');
  expect(found(text)).toEqual([
    'models:/churn/3 = churn number/3',
    'models:/churn@champion = churn alias@champion',
    'models:/churn/Production = churn stage/production',
    'models:/churn/latest = churn latest/latest',
    'models:/churn = churn none',
    'models:/churn/ = churn none',
    'models:/churn@ = churn none',
    'models:/churn/None = churn stage/development',
  ]);
});

test('names with spaces stand between quotes, and a path below the version is no part of it', () => {
  expect(found('x = "models:/my model/3/data/model.pkl"')).toEqual(['models:/my model/3 = my model number/3']);
  expect(found('see models:/churn/3. Then', 'markdown')).toEqual(['models:/churn/3 = churn number/3']);
  expect(found('see (models:/churn), then', 'markdown')).toEqual(['models:/churn = churn none']);
});

test('templates, ids of logged models and other schemes are no references', () => {
  expect(found('f"models:/{name}/3"')).toEqual([]);
  expect(found('f"models:/churn/{number}"')).toEqual(['models:/churn/ = churn none'].slice(1));
  expect(found('"models:/$NAME/3" "models:/%s/1" "models:/<name>/2"')).toEqual([]);
  expect(found(`"models:/m-${'0123456789abcdef'.repeat(2)}"`)).toEqual([]);
  expect(found('"mymodels:/churn/3" "models://host/churn"')).toEqual([]);
});

test('plain references count for models that exist only', () => {
  expect(found('plinth path churn@7 && npm i lodash@4', 'shellscript')).toEqual(['churn@7 = churn number/7']);
  expect(found('"churn@v7" churn@production churn@@champion churn@latest')).toEqual([
    'churn@v7 = churn number/7',
    'churn@production = churn pointer@production',
    'churn@@champion = churn alias@champion',
    'churn@latest = churn latest/latest',
  ]);
  expect(found('ana.churn@example x/churn@7 churn@')).toEqual([]);
});

test('YAML, JSON, TOML, shell, Dockerfile, Markdown and notebooks are read alike', () => {
  const lines: Record<string, string> = {
    yaml: 'model: models:/churn/3 # pinned',
    json: '{"model": "models:/churn/3"}',
    toml: 'model = "models:/churn/3"',
    shellscript: 'serve -m models:/churn/3;',
    dockerfile: 'ENV MODEL=models:/churn/3',
    markdown: '[it](models:/churn/3)',
  };
  for (const [language, line] of Object.entries(lines))
    expect(found(line, language), language).toEqual(['models:/churn/3 = churn number/3']);
  expect(languageOf('/a/b.ipynb')).toBe('json');
  expect(languageOf('C:\\x\\Dockerfile.gpu')).toBe('dockerfile');
  expect(languageOf('/a/b.rs')).toBeUndefined();
});

test('offsets count UTF-16 units, and CRLF is two of them', () => {
  const text = '# 🦊\r\nx = "models:/Kündigung/3"\r\n';
  expect(found(text)).toEqual(['models:/Kündigung/3 = Kündigung number/3']);
});

test('paths that code loads models from are found', () => {
  const text = [
    'torch.load("out/model.pt", weights_only=True)',
    "joblib.load('out/model.joblib')",
    'pickle.load(open("m.pkl", "rb"))',
    'AutoModel.from_pretrained("out/bert")',
    'onnxruntime.InferenceSession(r"C:\\m.onnx")',
    'xgb.Booster(model_file="m.ubj")',
    'xgb.Booster({"depth": 3}, model_file="n.ubj")',
    'Net.load_from_checkpoint(checkpoint_path="c.ckpt")',
    'bst.load_model("b.json")',
    'json.load("x.json"); xgb.Booster("p.txt"); torch.load(path); torch.load(f"{x}.pt")',
  ].join('\n');
  expect(found(text).map((line) => line.split(' = ')[1])).toEqual([
    'out/model.pt',
    'out/model.joblib',
    'm.pkl',
    'out/bert',
    'C:\\m.onnx',
    'm.ubj',
    'n.ubj',
    'c.ckpt',
    'b.json',
  ]);
});

test('lines of 5 MB are read in time that grows with their length alone', () => {
  const size = 5 * 1024 * 1024;
  for (const part of ['a', 'models:/', 'a@', 'a.a.', 'load(', '@', 'models:/churn/3 ', 'torch.load( ']) {
    const began = computed();
    findReferences(part.repeat(size / part.length), 'python', (name) => models.has(name));
    expect(computed() - began, part).toBeLessThan(2500);
  }
});
