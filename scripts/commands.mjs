// npm run commands: writes docs/commands.md and the table of commands in README.md from the program itself, and the tools of agents
// in the manifest of the extension from those of `plinth mcp`. With --check writes nothing, and exits with 1 when one of them is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plinth } from '../daemon/clients/cli/program.ts';
import { examples } from '../daemon/clients/cli/examples.ts';
import { notice } from '../daemon/clients/mcp/answer.ts';
import { readTools } from '../daemon/clients/mcp/read-tools.ts';
import { writeTools } from '../daemon/clients/mcp/write-tools.ts';

const top = join(import.meta.dirname, '..');
const [begin, end] = ['<!-- commands: written by npm run commands -->', '<!-- /commands -->'];
const groups = Map.groupBy(plinth().commands, (command) => command.helpGroup().replace(/:$/, ''));

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const sentence = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

function section(command, path = command.name()) {
  if (command.commands.length > 0)
    return [
      `### ${path}\n\n${cell(sentence(command.description()))}\n`,
      ...command.commands.map((one) => section(one, `${path} ${one.name()}`)),
    ].join('\n');
  const options = command.options.filter(({ hidden }) => !hidden);
  const rows = options.map((option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${cell(optionText(option))} |`);
  const table = rows.length === 0 ? '' : `\n| option | meaning |\n| --- | --- |\n${rows.join('\n')}\n`;
  const shown = examples[path] ?? [];
  const example = shown.length === 0 ? '' : `\n\`\`\`text\n${shown.join('\n')}\n\`\`\`\n`;
  const usage = command
    .usage()
    .replace('[options]', options.length > 0 ? '[options]' : '')
    .trim();
  return (
    `### ${path}\n\n${cell(sentence(command.description()))}\n\n\`\`\`text\nplinth ${path} ${usage}`.trim() +
    `\n\`\`\`\n${table}${example}`
  );
}

function optionText({ description, argChoices, defaultValue }) {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return `${description}${choices}${typeof defaultValue === 'string' ? ` (default: ${defaultValue})` : ''}`;
}

function page() {
  const parts = [...groups].map(
    ([group, commands]) => `## ${group}\n\n${commands.map((command) => section(command)).join('\n')}`,
  );
  return `# Commands

This page is generated from the program by \`npm run commands\`. \`plinth help COMMAND\` prints the same text.

Every command supports \`--json\` and \`--data\`. A version is written \`churn@7\`, \`churn@production\` (a stage), \`churn@champion\` (an
alias) or \`churn@latest\`. Commands start the service if none is running.

${parts.join('\n')}`;
}

function readme(text) {
  const rows = [...groups].map(
    ([group, commands]) => `| ${group} | ${commands.map((command) => `\`${command.name()}\``).join(' · ')} |`,
  );
  const table = `${begin}\n\n| task | commands |\n| --- | --- |\n${rows.join('\n')}\n\n${end}`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`README.md lacks ${begin} or ${end}`);
  return text.slice(0, from) + table + text.slice(to + end.length);
}

/** Characters that roff prints as others, which a shell would not understand. */
const asTyped = { '\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti' };

/** Escapes a text for roff: what is printed is what is typed, and a point at the start of a line is no request. */
const roff = (text) => text.replaceAll(/[\\'`^~-]/g, (one) => asTyped[one]).replaceAll(/^\./gm, '\\&.');

/** Writes the man page with the date of its last change: today's, unless the page before says the same. */
function manual(before) {
  const dateBefore = /^\.TH PLINTH 1 (\S+)$/m.exec(before)?.[1];
  if (dateBefore !== undefined && manualOf(dateBefore) === before) return before;
  return manualOf(new Date().toISOString().slice(0, 10));
}

function manualOf(date) {
  const entry = (command, path) => {
    if (command.commands.length > 0) return command.commands.map((one) => entry(one, `${path} ${one.name()}`)).join('');
    const options = command.options
      .filter(({ hidden }) => !hidden)
      .map((option) => `.RS\n.TP\n.B ${roff(option.flags)}\n${roff(optionText(option))}\n.RE\n`);
    const usage = command
      .usage()
      .replace('[options]', options.length > 0 ? '[options]' : '')
      .trim();
    return `.TP\n.B ${roff(`plinth ${path} ${usage}`.trim())}\n${roff(sentence(command.description()))}\n${options.join('')}`;
  };
  const sections = [...groups].map(
    ([group, commands]) => `.SS ${group}\n${commands.map((command) => entry(command, command.name())).join('')}`,
  );
  const own = plinth()
    .options.filter(({ long }) => long !== '--version')
    .map((option) => `.TP\n.B ${roff(option.flags)}\n${roff(sentence(optionText(option)))}\n`);
  return `.\\" Written by npm run commands.
.TH PLINTH 1 ${date}
.SH NAME
plinth \\- registry of the models that training runs save
.SH SYNOPSIS
.B plinth
.RI [ options ]
.I command
.RI [ arguments ]
.SH DESCRIPTION
${roff(sentence(plinth().description()))}
A version is written churn@7, churn@production (a stage), churn@champion (an alias) or churn@latest.
.SH OPTIONS
${own.join('')}.SH COMMANDS
${sections.join('')}.SH ENVIRONMENT
.TP
.B PLINTH_DATA
Data folder.
.TP
.B PLINTH_URL, PLINTH_TOKEN
Address of a registry on another machine, and the token for it.
.TP
.B PLINTH_HOSTS
Names under which a reverse proxy passes requests on to plinth serve.
.SH EXIT STATUS
0 on success, 1 if a check failed, 64 and above for errors as in sysexits.h.
`;
}

const readable = 'isWorkspaceTrusted && config.plinth.ai.offerAs =~ /^(tools|both)$/';
const tools = [...readTools, ...writeTools];

/** Returns a tool of agents as VS Code's manifest declares it. The texts that a person reads are in package.nls.json. */
function declared({ name, description, inputSchema, question }) {
  const { $schema: _, ...schema } = inputSchema;
  return {
    name: `plinth_${name}`,
    tags: ['plinth', 'model-registry'],
    toolReferenceName: `plinth_${name}`,
    displayName: `%tool.${name}%`,
    userDescription: `%tool.${name}.description%`,
    modelDescription: `${description} ${notice}`,
    canBeReferencedInPrompt: true,
    icon: '$(package)',
    when: question === undefined ? readable : `${readable} && config.plinth.ai.mcp.allowWrites`,
    inputSchema: schema,
  };
}

function manifest(text) {
  const whole = JSON.parse(text);
  whole.contributes.languageModelTools = tools.map(declared);
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function manifestTexts(text) {
  const others = Object.entries(JSON.parse(text)).filter(([key]) => !key.startsWith('tool.'));
  const own = tools.flatMap(({ name, title, description }) => [
    [`tool.${name}`, title],
    [`tool.${name}.description`, description],
  ]);
  return `${JSON.stringify(Object.fromEntries([...others, ...own]), null, 2)}\n`;
}

const files = {
  'package.json': manifest,
  'package.nls.json': manifestTexts,
  'docs/commands.md': page,
  'README.md': readme,
  'docs/plinth.1': manual,
};
let stale = 0;
for (const [name, write] of Object.entries(files)) {
  const path = join(top, name);
  let before = '';
  try {
    before = readFileSync(path, 'utf8');
  } catch {
    // The page is written for the first time.
  }
  const after = write(before);
  if (after === before) continue;
  if (!process.argv.includes('--check')) writeFileSync(path, after);
  else {
    stale += 1;
    console.error(`${name} is out of date. Run: npm run commands`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
