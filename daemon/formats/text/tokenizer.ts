import { isObject, type Json } from '../../protocol/json.ts';
import { FormatError, type Source } from '../source.ts';
import { field } from './json-access.ts';
import { parseJson } from './json.ts';

/** What a tokenizer consists of, as far as people look at it. All of it is text from the file: untrusted. */
export interface Tokenizer {
  /** The file that says it. */
  source: string;
  /** Its kind, as `BPE`, `llama`; null if the file does not say. */
  kind: string | null;
  /** Number of entries; null if unknown. */
  size: number | null;
  special: SpecialToken[];
  /** The first entries, by number. */
  first: string[];
}

export interface SpecialToken {
  /** What it is for, as `bos`, or empty. */
  role: string;
  id: number | null;
  text: string;
}

export interface ChatTemplate {
  source: string;
  text: string;
  /** True if the text is longer. */
  isCut: boolean;
}

export interface TokenizerReading {
  tokenizer: Tokenizer | null;
  chatTemplate: ChatTemplate | null;
  /** One sentence for each part that could not be read. */
  missing: string[];
}

export const keptEntries = 32;
export const maxSpecial = 64;
export const maxTemplate = 64 * 1024;
const maxEntryText = 200;
/** Files are parsed whole, so a larger one is not read. */
const maxFile = 12 * 1024 * 1024;

/** Returns a text of a vocabulary as it is shown. */
export function entryText(text: string): string {
  return text.slice(0, maxEntryText);
}

/** Reads the tokenizer of a Hugging Face folder: `tokenizer.json`, its configuration, `vocab.txt`, and the chat template. */
export function readHubTokenizer(open: (name: string) => Source | undefined): TokenizerReading {
  const missing: string[] = [];
  const read = (name: string): Uint8Array | undefined => {
    const source = open(name);
    if (!source) return undefined;
    if (source.size <= maxFile) return source.read(0, source.size);
    missing.push(`${name} is larger than 12 MB and was not read.`);
    return undefined;
  };
  const json = (name: string): Json | undefined => {
    const bytes = read(name);
    if (!bytes) return undefined;
    try {
      return parseJson(new TextDecoder().decode(bytes));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      missing.push(`${name} cannot be read: ${error.message}`);
      return undefined;
    }
  };
  const config = json('tokenizer_config.json');
  const whole = json('tokenizer.json');
  const tokenizer = ofTokenizerJson(whole, config) ?? ofVocabulary(read('vocab.txt'), config) ?? ofConfig(config);
  if (!tokenizer && open('tokenizer.model')) missing.push('tokenizer.model is of SentencePiece, which is not read.');
  return { tokenizer, chatTemplate: templateOf(read('chat_template.jinja'), config), missing };
}

function ofTokenizerJson(whole: Json | undefined, config: Json | undefined): Tokenizer | null {
  if (!isObject(whole)) return null;
  const model = field(whole, 'model');
  const vocabulary = field(model, 'vocab');
  const added = listOf(field(whole, 'added_tokens')).flatMap(
    (one): { id: number; text: string; special: boolean }[] => {
      const [id, text] = [field(one, 'id'), field(one, 'content')];
      return typeof id === 'number' && typeof text === 'string'
        ? [{ id, text, special: field(one, 'special') === true }]
        : [];
    },
  );
  const texts = Array.isArray(vocabulary)
    ? vocabulary.slice(0, keptEntries).map((one) => (Array.isArray(one) ? one[0] : one))
    : firstById(vocabulary);
  const known = Array.isArray(vocabulary)
    ? vocabulary.length
    : isObject(vocabulary)
      ? Object.keys(vocabulary).length
      : null;
  const beyond = added.filter(({ id, text }) =>
    isObject(vocabulary) ? !Object.hasOwn(vocabulary, text) : id >= (known ?? 0),
  );
  const roles = rolesIn(config);
  const kind = field(model, 'type');
  return {
    source: 'tokenizer.json',
    kind: typeof kind === 'string' ? entryText(kind) : null,
    size: known === null ? null : known + beyond.length,
    special: added
      .filter(({ special }) => special)
      .slice(0, maxSpecial)
      .map(({ id, text }) => ({ role: roles.get(text) ?? '', id, text: entryText(text) })),
    first: texts.filter((text) => typeof text === 'string').map(entryText),
  };
}

function firstById(vocabulary: Json | undefined): string[] {
  if (!isObject(vocabulary)) return [];
  const first: string[] = [];
  for (const [text, id] of Object.entries(vocabulary))
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < keptEntries) first[id] = text;
  return Array.from(first, (text) => text ?? '');
}

function ofVocabulary(bytes: Uint8Array | undefined, config: Json | undefined): Tokenizer | null {
  if (!bytes) return null;
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const special = [...rolesIn(config)].map(([text, role]) => {
    const id = lines.indexOf(text);
    return { role, id: id < 0 ? null : id, text: entryText(text) };
  });
  const first = lines.slice(0, keptEntries).map(entryText);
  return {
    source: 'vocab.txt',
    kind: classIn(config),
    size: lines.length,
    special: special.slice(0, maxSpecial),
    first,
  };
}

function ofConfig(config: Json | undefined): Tokenizer | null {
  if (!isObject(config)) return null;
  const special = [...rolesIn(config)].map(([text, role]) => ({ role, id: null, text: entryText(text) }));
  return {
    source: 'tokenizer_config.json',
    kind: classIn(config),
    size: null,
    special: special.slice(0, maxSpecial),
    first: [],
  };
}

function classIn(config: Json | undefined): string | null {
  const name = field(config, 'tokenizer_class');
  return typeof name === 'string' ? entryText(name) : null;
}

/** Returns what the special tokens of a configuration are for, by their texts. */
function rolesIn(config: Json | undefined): Map<string, string> {
  const roles = new Map<string, string>();
  for (const role of ['bos', 'eos', 'unk', 'pad', 'sep', 'cls', 'mask']) {
    const token = field(config, `${role}_token`);
    const text = typeof token === 'string' ? token : field(token, 'content');
    if (typeof text === 'string') roles.set(text, roles.has(text) ? `${roles.get(text)}, ${role}` : role);
  }
  return roles;
}

function templateOf(file: Uint8Array | undefined, config: Json | undefined): ChatTemplate | null {
  if (file) return chatTemplate('chat_template.jinja', new TextDecoder().decode(file));
  const template = field(config, 'chat_template');
  if (typeof template === 'string') return chatTemplate('tokenizer_config.json', template);
  const named = listOf(template).flatMap((one) => {
    const [name, text] = [field(one, 'name'), field(one, 'template')];
    return typeof text === 'string' ? [`{# ${typeof name === 'string' ? name : ''} #}\n${text}`] : [];
  });
  return named.length === 0 ? null : chatTemplate('tokenizer_config.json', named.join('\n\n'));
}

export function chatTemplate(source: string, text: string): ChatTemplate {
  return { source, text: text.slice(0, maxTemplate), isCut: text.length > maxTemplate };
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
