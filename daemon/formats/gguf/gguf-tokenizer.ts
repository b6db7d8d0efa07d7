import type { Json } from '../../protocol/json.ts';
import type { Source } from '../source.ts';
import {
  entryText,
  keptEntries,
  maxSpecial,
  type ChatTemplate,
  type Tokenizer,
  type TokenizerReading,
} from '../text/tokenizer.ts';
import { beginGguf, readGgufValues } from './gguf.ts';
import { readText, readTexts, readUint32, readValue } from './gguf-values.ts';

const tokensKey = 'tokenizer.ggml.tokens';
/** Longer texts of the header are cut by its reader. */
const keptText = 16 * 1024;
const specialKey = /^tokenizer\.ggml\.(\w+?)_(?:token_id|token|id)$/;

/** Reads the tokenizer and the chat template that a GGUF header contains. Throws FormatError. */
export function readGgufTokenizer(source: Source): TokenizerReading {
  const values = readGgufValues(source);
  const tokens = values.get(tokensKey);
  const kept = Array.isArray(tokens) ? tokens : [];
  const ids = specialIds(values);
  const texts = tokenTexts(source, new Set(ids.map(({ id }) => id)));
  const kind = values.get('tokenizer.ggml.model');
  const tokenizer: Tokenizer | null = Array.isArray(tokens)
    ? {
        source: 'GGUF',
        kind: typeof kind === 'string' ? entryText(kind) : null,
        size: countOf(kept),
        special: ids.map(({ role, id }) => ({ role, id, text: texts.get(id) ?? '' })),
        first: kept
          .slice(0, keptEntries)
          .map((text) => entryText(typeof text === 'string' ? text : JSON.stringify(text))),
      }
    : null;
  return { tokenizer, chatTemplate: templateIn(values), missing: [] };
}

/** Returns how many items an array had, of which the reader keeps the first and a note. */
function countOf(kept: readonly Json[]): number {
  const last = kept.length > keptEntries ? kept.at(-1) : null;
  const note = typeof last === 'string' ? /^… of (\d+)$/.exec(last) : null;
  return note ? Number(note[1]) : kept.length;
}

function specialIds(values: ReadonlyMap<string, Json>): { role: string; id: number }[] {
  const found = [...values].flatMap(([key, value]) => {
    const role = specialKey.exec(key)?.[1];
    return role !== undefined && typeof value === 'number' ? [{ role: entryText(role), id: value }] : [];
  });
  return found.slice(0, maxSpecial);
}

/** Reads the header again up to its tokens, for those at some places. */
function tokenTexts(source: Source, wanted: ReadonlySet<number>): Map<number, string> {
  const found = new Map<number, string>();
  const { reading, keyCount } = beginGguf(source);
  for (let at = 0; at < keyCount && wanted.size > 0; at += 1) {
    const isTokens = readText(reading) === tokensKey;
    const type = readUint32(reading);
    if (!isTokens) readValue(reading, type);
    else {
      readTexts(
        reading,
        (id) => wanted.has(id),
        (id, text) => void found.set(id, entryText(text)),
      );
      return found;
    }
  }
  return found;
}

function templateIn(values: ReadonlyMap<string, Json>): ChatTemplate | null {
  const text = values.get('tokenizer.chat_template');
  if (typeof text !== 'string') return null;
  return { source: 'GGUF', text, isCut: Buffer.byteLength(text) >= keptText };
}
