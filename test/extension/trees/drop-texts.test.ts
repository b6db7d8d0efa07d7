import { expect, test } from 'vitest';
import { dropTexts } from '../../../extension/trees/drop-texts.ts';
import { snippet } from '../../../extension/load-snippets.ts';
import { version } from '../../support/models.ts';

const uri = 'models:/churn/8';
const dragged = { uri, code: snippet(version()) };

function texts(line: string, language = 'python', character = line.length): string[] {
  return dropTexts([dragged], { language, line, character }).map(({ text }) => text);
}

test('a version that is dropped on an empty line of Python becomes code, which the editor indents', () => {
  const [code, reference] = texts('    ');
  expect(code).toBe(snippet(version()).trimEnd());
  expect(code).toMatch(/^import subprocess\npath = .*"churn@8"/);
  expect(reference).toBe('"models:/churn/8"');
});

test('a version that is dropped into a text or another language becomes its address alone', () => {
  expect(texts('load("')).toEqual([uri]);
  expect(texts(String.raw`load('\'`)).toEqual([uri]);
  expect(texts('model: ', 'yaml')).toEqual([uri]);
  expect(texts('model = ')[0]).toBe(JSON.stringify(uri));
  expect(texts("# it's\t")[0]).toBe(JSON.stringify(uri));
});

test('several rows become one list, and a stage its address, which has no code', () => {
  const stage = { uri: 'models:/churn/production', code: null };
  const place = { language: 'python', line: '', character: 0 };
  expect(dropTexts([stage], place)).toEqual([{ kind: 'uri', text: '"models:/churn/production"' }]);
  expect(dropTexts([dragged, stage], place).at(-1)?.text).toBe(`"${uri}", "models:/churn/production"`);
  expect(dropTexts([], place)).toEqual([]);
});

test('a name with quotes or line breaks cannot leave the text that it is inserted as', () => {
  const hostile = { uri: 'models:/a"\nimport os/1', code: null };
  const inPython = dropTexts([hostile], { language: 'python', line: 'x = ', character: 4 });
  expect(JSON.parse(String(inPython[0]?.text))).toBe(hostile.uri);
  expect(dropTexts([hostile], { language: 'yaml', line: '', character: 0 })[0]?.text).not.toContain('\n');
});
