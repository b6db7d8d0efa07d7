// npm run commands: writes docs/commands.md and the table of commands in README.md from the program itself. With --check writes
// nothing, and exits with 1 when one of them is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plinth } from '../daemon/clients/cli/program.ts';
import { examples } from '../daemon/clients/cli/examples.ts';

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

const files = { 'docs/commands.md': page, 'README.md': readme };
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
