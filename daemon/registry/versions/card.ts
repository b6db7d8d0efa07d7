import { parse, stringify } from 'yaml';
import type { Caller, Context } from '../../context.ts';
import { cardRow } from '../../db/cards.ts';
import { lineageOf } from '../../db/lineage.ts';
import { orderMetrics } from '../../shared/metrics.ts';
import { modelView, type ModelRow } from '../../db/models.ts';
import { versionOf, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Card } from '../../protocol/routes/models.ts';
import type { Changed } from '../../protocol/shapes.ts';
import { findModel } from './resolve.ts';

const largest = 64 * 1024;

/** Recommended fields of a card: in its front matter, or as headings of its text. */
export const cardFields = ['owner', 'license', 'intended use', 'limitations', 'training data', 'evaluation'] as const;

/** Returns the card that people wrote, else one generated from facts, with its empty fields. */
export function cardOf(ctx: Context, name: string): Card {
  const model = findModel(ctx, name);
  const row = cardRow(ctx.db, model.id);
  const text = row ? ctx.blobs.read(row.digest).toString('utf8') : draftOf(ctx, model);
  const missing = missingIn(text);
  const filled = cardFields.length - missing.length;
  return { text, draft: row === undefined, missing, filled, at: row?.at ?? null, actor: row?.actor ?? null };
}

/** Writes the card. Throws `too-large` above 64 KiB, as a card is meant to be read. */
export async function writeCard(ctx: Context, caller: Caller, name: string, text: string): Promise<Changed> {
  if (Buffer.byteLength(text) > largest) {
    throw new RegistryError('too-large', 'A card has at most 64 KiB. Attach longer texts as a report: plinth attach');
  }
  const digest = ctx.blobs.put(Buffer.from(text));
  return ctx.commit(caller, () => {
    const model = findModel(ctx, name);
    return {
      events: [{ type: 'model.card/1', body: { model: model.id, digest } }],
      result: ([event]) => ({ seq: event!.seq, hash: event!.hash }),
    };
  });
}

/** Returns the fields that neither the front matter nor a heading with text below it fills. */
export function missingIn(text: string, fields: readonly string[] = cardFields): string[] {
  const { front, body } = partsOf(text);
  const headings = new Map<string, boolean>();
  const sections = body.split(/^#{1,6}[ \t]+/m).slice(1);
  for (const section of sections) {
    const [title = '', ...rest] = section.split('\n');
    const said = rest
      .join('\n')
      .replaceAll(/<!--[\s\S]*?-->/g, '')
      .trim();
    headings.set(plain(title), said !== '' && !/^(todo|tbd|…|\.\.\.)$/i.test(said));
  }
  const inFront = new Set(
    Object.entries(front)
      .filter(([, value]) => value !== null && value !== '')
      .map(([key]) => plain(key)),
  );
  return fields.filter((field) => !inFront.has(plain(field)) && headings.get(plain(field)) !== true);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, ' ').trim();
}

function partsOf(text: string): { front: Record<string, unknown>; body: string } {
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n?/.exec(text);
  if (!match) return { front: {}, body: text };
  try {
    const front: unknown = parse(match[1] ?? '', { maxAliasCount: 10, logLevel: 'silent' });
    const isMap = typeof front === 'object' && front !== null && !Array.isArray(front);
    return { front: isMap ? (front as Record<string, unknown>) : {}, body: text.slice(match[0].length) };
  } catch {
    return { front: {}, body: text.slice(match[0].length) };
  }
}

/** Generates a card from facts. Unknown fields stay empty. */
function draftOf(ctx: Context, row: ModelRow): string {
  const model = modelView(ctx.db, row);
  const version = model.current ? versionOf(ctx.db, row.id, model.current.number) : undefined;
  const front = stringify({ model: model.name, owner: '', license: '', tags: model.tags });
  const open = '<!-- to be written -->';
  const parts = [
    `# ${model.name}`,
    model.description || open,
    `## Intended use\n\n${open}`,
    `## Limitations\n\n${open}`,
    `## Training data\n\n${dataText(ctx, row, version) || open}`,
    `## Evaluation\n\n${metricsText(version) || open}`,
    ...(version ? [`## Technical\n\n${technicalText(ctx, version)}`] : []),
  ];
  return `---\n${front}---\n\n${parts.join('\n\n')}\n`;
}

function metricsText(version: VersionRow | undefined): string {
  const entries = orderMetrics(version?.metrics ?? {}).slice(0, 30);
  if (entries.length === 0) return '';
  return `Of v${version?.number}:\n\n| metric | value |\n| --- | --- |\n${entries.map(([name, value]) => `| ${cell(name)} | ${cell(String(value))} |`).join('\n')}`;
}

function dataText(ctx: Context, model: ModelRow, version: VersionRow | undefined): string {
  const found = version && lineageOf(ctx.db, model.id, version.number);
  if (!found) return '';
  const { data } = JSON.parse(ctx.blobs.read(found.digest).toString('utf8')) as Lineage;
  return data
    .map(
      ({ path, rows, digest }) =>
        `- \`${path.replaceAll('`', "'")}\`${rows === null ? '' : `, ${rows} rows`} (${digest.slice(0, 20)}…)`,
    )
    .join('\n');
}

function technicalText(ctx: Context, { body, number }: VersionRow): string {
  const facts = JSON.parse(ctx.blobs.read(body.facts).toString('utf8')) as ModelFacts;
  const lines = [
    `- version: v${number}`,
    `- framework: ${[body.framework, body.frameworkVersion].filter((part) => part !== null).join(' ')}`,
    `- format: ${body.format}`,
    ...(body.modelClass === null ? [] : [`- class: ${body.modelClass}`]),
    ...(body.parameterCount === null ? [] : [`- parameters: ${body.parameterCount}`]),
    ...(facts.signature
      ? [`- inputs: ${facts.signature.inputs.map(({ name, dtype }) => `${name} (${dtype})`).join(', ')}`]
      : []),
  ];
  return lines.map((line) => line.replaceAll(/[<>]/g, '')).join('\n');
}

function cell(text: string): string {
  return text.replaceAll(/[|\\<>]/g, '\\$&').replaceAll('\n', ' ');
}
