import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTools } from '../../daemon/clients/mcp/read-tools.ts';
import { writeTools } from '../../daemon/clients/mcp/write-tools.ts';

const top = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(top, 'package.json'), 'utf8');

interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
}

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string }[];
    menus: Record<string, MenuItem[]>;
    submenus: { id: string }[];
    keybindings: { command: string }[];
    configuration: { properties: Record<string, unknown> };
    languageModelTools: {
      name: string;
      displayName: string;
      when: string;
      inputSchema: { properties: Record<string, unknown> };
    }[];
    walkthroughs: { steps: { media: { svg: string } }[] }[];
  };
}

const manifest = JSON.parse(text) as Manifest;
const sources = readdirSync(join(top, 'extension'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(top, 'extension', name), 'utf8'))
  .join('\n');

const declared = manifest.contributes.commands.map(({ command }) => command);

test('every command of the manifest is registered, and every registered one is declared', () => {
  const registered = [...sources.matchAll(/\{\s*id: '(plinth\.\w+)'/g)].map((match) => String(match[1]));
  expect(registered.toSorted()).toEqual(declared.toSorted());
});

test('menus and keys name only commands that are declared', () => {
  const used = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.keybindings];
  const commands = used.flatMap(({ command }) => command ?? []);
  expect(commands.filter((command) => !declared.includes(command))).toEqual([]);
});

test('every submenu is declared, filled and used', () => {
  const { menus, submenus } = manifest.contributes;
  const used = Object.values(menus).flatMap((items) => items.flatMap(({ submenu }) => submenu ?? []));
  const ids = submenus.map(({ id }) => id);
  expect([...new Set(used)].toSorted()).toEqual(ids.toSorted());
  expect(ids.filter((id) => (menus[id] ?? []).length === 0)).toEqual([]);
});

test('the menu of a row is no longer than fits into a small window', () => {
  const contexts = [
    'version.ready.live',
    'version.ready.archived',
    'version.damaged.live',
    'model.back.guessed',
    'pointer.alias.back',
  ];
  const lengths = contexts.map((context) => menuOf(context).length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(14);
  expect(menuOf('version.ready.live').at(-1)).toBe('plinth.delete');
  expect(menuOf('version.damaged.live')).toContain('plinth.verify');
});

/** Lists what the context menu of a row of the models' tree has, by its groups. */
function menuOf(context: string): string[] {
  const items = (manifest.contributes.menus['view/item/context'] ?? []).filter(({ when = '', group = '' }) => {
    const pattern = /viewItem =~ \/(.*?)\/(?: |$)/.exec(when)?.[1];
    const isMeant = pattern === undefined ? when.includes(`viewItem == ${context}`) : new RegExp(pattern).test(context);
    return isMeant && !group.startsWith('inline') && !when.includes('plinth.activity');
  });
  const sorted = items.toSorted((a, b) => String(a.group).localeCompare(String(b.group)));
  return sorted.map(({ command, submenu }) => command ?? submenu ?? '');
}

test('tools of the editor are those of the MCP server, and one that changes something needs a setting', () => {
  const texts = JSON.parse(readFileSync(join(top, 'package.nls.json'), 'utf8')) as Record<string, string>;
  const declaredTools = manifest.contributes.languageModelTools.map(({ name, displayName, when, inputSchema }) => ({
    name,
    title: texts[displayName.replaceAll('%', '')],
    isWriting: when.includes('config.plinth.ai.mcp.allowWrites'),
    inputs: Object.keys(inputSchema.properties),
  }));
  const tools = [...readTools, ...writeTools].map(({ name, title, question, inputSchema }) => ({
    name: `plinth_${name}`,
    title,
    isWriting: question !== undefined,
    inputs: Object.keys(inputSchema['properties'] as object),
  }));
  expect(declaredTools).toEqual(tools);
  expect(manifest.contributes.languageModelTools.filter(({ when }) => !when.includes('isWorkspaceTrusted'))).toEqual(
    [],
  );
});

test('every setting that is read is declared, and every declared one is read', () => {
  const read = [...sources.matchAll(/\bsetting(?:<[^>]*>+)?\(\s*'([\w.]+)'/g)].map((match) => `plinth.${match[1]}`);
  expect([...new Set(read)].toSorted()).toEqual(Object.keys(manifest.contributes.configuration.properties).toSorted());
});

test('every text of the manifest has its words, and none is left over', () => {
  const words = Object.keys(JSON.parse(readFileSync(join(top, 'package.nls.json'), 'utf8')) as object);
  const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => String(match[1]));
  expect([...new Set(used)].toSorted()).toEqual(words.toSorted());
});

test('icons and walkthrough pictures are there', () => {
  const pictures = manifest.contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg));
  expect([manifest.icon, ...pictures].filter((path) => !existsSync(join(top, path)))).toEqual([]);
});
