import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGgufTokenizer } from '../../../daemon/formats/gguf/gguf-tokenizer.ts';
import { FormatError, sourceOf, type Source } from '../../../daemon/formats/source.ts';
import { readHubTokenizer, type TokenizerReading } from '../../../daemon/formats/text/tokenizer.ts';
import { samples } from '../../support/daemon.ts';

const tokens = readFileSync(join(samples, '../made/gguf/tokens.gguf'));

function hub(files: Record<string, string | Source>): TokenizerReading {
  return readHubTokenizer((name) => {
    const file = files[name];
    return typeof file === 'string' ? sourceOf(Buffer.from(file)) : file;
  });
}

test('the tokenizer of a GGUF file has its size, its first entries, and special tokens that lie beyond them', () => {
  const { tokenizer, chatTemplate } = readGgufTokenizer(sourceOf(tokens));
  expect(tokenizer).toMatchObject({ kind: 'gpt2', size: 60 });
  expect(tokenizer!.first).toHaveLength(32);
  expect(tokenizer!.first.slice(0, 2)).toEqual(['word0', '<tok1>']);
  expect(tokenizer!.special).toEqual([
    { role: 'bos', id: 1, text: '<tok1>' },
    { role: 'eos', id: 59, text: '<tok59>' },
    { role: 'unknown', id: 0, text: 'word0' },
  ]);
  expect(chatTemplate).toMatchObject({ text: expect.stringContaining('message.role') as string, isCut: false });
});

test('a GGUF header that is cut is answered with a FormatError, wherever it is cut', () => {
  for (let end = 0; end < 1500; end += 7)
    expect(() => readGgufTokenizer(sourceOf(tokens.subarray(0, end))), String(end)).toThrow(FormatError);
});

test('the tokenizer of a Hugging Face folder is read from what trainers save', () => {
  const folder = join(samples, 'transformers/tiny-bert-cls/checkpoint-8');
  const read = readHubTokenizer((name) => {
    try {
      return sourceOf(readFileSync(join(folder, name)));
    } catch {
      return undefined;
    }
  });
  expect(read.missing).toEqual([]);
  expect(read.tokenizer).toMatchObject({ source: 'tokenizer.json', size: 18 });
  expect(read.tokenizer!.first).toHaveLength(18);
});

test('entries, added tokens and roles are read from each form of a vocabulary', () => {
  const added = [
    { id: 1, content: '</s>', special: true },
    { id: 9, content: '<extra>', special: false },
  ];
  const unigram = { model: { type: 'Unigram', vocab: [['<unk>', 0], ['</s>', -1], ['▁a', -2]] }, added_tokens: added }; // prettier-ignore
  const config = {
    eos_token: '</s>',
    pad_token: { content: '</s>' },
    chat_template: [{ name: 'tool', template: '{{ x }}' }],
  };
  const read = hub({ 'tokenizer.json': JSON.stringify(unigram), 'tokenizer_config.json': JSON.stringify(config) });
  expect(read.tokenizer).toEqual({
    source: 'tokenizer.json',
    kind: 'Unigram',
    size: 4,
    special: [{ role: 'eos, pad', id: 1, text: '</s>' }],
    first: ['<unk>', '</s>', '▁a'],
  });
  expect(read.chatTemplate!.text).toBe('{# tool #}\n{{ x }}');
  const plain = hub({ 'vocab.txt': '[PAD]\n[UNK]\nword\n', 'tokenizer_config.json': '{"unk_token": "[UNK]"}' });
  expect(plain.tokenizer).toMatchObject({ source: 'vocab.txt', size: 3, special: [{ role: 'unk', id: 1 }] });
  expect(hub({ 'chat_template.jinja': 'hi' })).toMatchObject({ tokenizer: null, chatTemplate: { text: 'hi' } });
});

test('a tokenizer that is odd, too large or of another kind is told in a sentence', () => {
  const large = { size: 13 * 1024 * 1024, read: () => expect.unreachable() };
  expect(hub({ 'tokenizer.json': large }).missing).toEqual(['tokenizer.json is larger than 12 MB and was not read.']);
  expect(hub({ 'tokenizer.model': 'x' }).missing).toEqual(['tokenizer.model is of SentencePiece, which is not read.']);
  expect(hub({ 'tokenizer.json': '{"model"' }).missing[0]).toContain('tokenizer.json cannot be read');
  for (const odd of ['[]', '{"model": 3, "added_tokens": {"a": 1}}', '{"model": {"vocab": {"a": 1e99, "b": -1}}}'])
    expect(hub({ 'tokenizer.json': odd, 'tokenizer_config.json': 'null' }).missing).toEqual([]);
});
