import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathOf } from '../daemon/clients/cli/exit.ts';
import { forEachCommand, plinth } from '../daemon/clients/cli/program.ts';

const top = join(import.meta.dirname, '..');

/** The commands and flags of version 0.1.0, which every later version must accept. */
const commands = `
ls: all found candidates waiting ignored unreadable duplicate
show
open: print
diff: all norms format out markdown
bisect: metric good bad tolerance
identify
history: limit actor action since until format
holders: at
events: follow limit
review
why
watch
unwatch
pause
resume
scan
register: model again found
attach
import: anywhere
ignore: remove
promote: alias reason expect bypass
rollback: to reason expect
alias: remove reason expect
undo
init: write
check
gate: to alias run history
trust: show remove
policy
request: reason days
approve: comment
reject: comment
approvals
describe
metric: auto
card: from
tag
comment
archive: reason
restore: reason
rename
move
delete: reason yes
clean-up: apply reason
path
reproduce
env: shell renew
mlflow
lock: check
lsp: stdio
status
serve: port idle quiet new-registry watch
stop
token
token create: role model pointer days again
token revoke
token list
verify: head export-head
backup: with-bytes
restore-backup
rebuild
help
`;

/** Commands and settings of the extension in version 0.1.0. Users' keybindings and settings name them. */
const contributed =
  'promote runGates trustRules cleanUp requestApproval approve reject rollBack undo setAlias removeAlias archive restore openVersion copyUri copySnippet reveal export describe choosePrimaryMetric tag rename move delete deleteModel attach history reference compare compareWithProduction compareWithPrevious showDifferences register registerNow why ignore watchFolder stopWatching showLineage inspect editCard exportComparison reproduce importMlflow editPolicy pauseWatching resumeWatching rescan verify backUp start stop restart showLog showStatus refresh loadMore search createSample getStarted openModel findReferences openFile comment copyUriByStage copyUriByAlias copyFact selectForCompare compareWithSelected openComparison clearComparison removeFromComparison makeBaseline registerFound showInRegistry showServiceLog collectDiagnostics groupBy sortBy filter clearFilter showArchived hideArchived dataFolder daemon.autoStart daemon.keepAlive daemon.idleShutdownMinutes daemon.nodePath daemon.extraEnv watch.workspaceFolders watch.folders tree.sortBy tree.pageSize tree.primaryMetric compare.onlyDifferences promotion.requireReason promotion.confirm badge.enabled statusBar.visibility terminal.links terminal.injectMlflowEnvironment explorer.decorations editor.hover editor.completion editor.diagnostics editor.inlayHints editor.codeLens editor.references';

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

test('every command and flag of version 0.1.0 still works', () => {
  const known = new Set<string>();
  forEachCommand(plinth(), (command) => {
    for (const name of [command.name(), ...command.aliases()]) {
      const path = `${pathOf(command.parent ?? command)} ${name}`.replace(/^plinth /, '');
      known.add(path);
      for (const { long } of command.options) known.add(`${path} ${long}`);
    }
  });
  const expected = lines(commands).flatMap((line) => {
    const [path = '', flags = ''] = line.split(': ');
    return [
      path,
      ...flags
        .split(' ')
        .filter(Boolean)
        .map((flag) => `${path} --${flag}`),
    ];
  });
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.filter((one) => !known.has(one))).toEqual([]);
});

test('every command and setting of the extension of version 0.1.0 is still there', () => {
  const { contributes } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
    contributes: { commands: { command: string }[]; configuration: unknown };
  };
  const settings = [...JSON.stringify(contributes.configuration).matchAll(/"(plinth\.[\w.]+)":\{/g)];
  const ids = [...contributes.commands.map(({ command }) => command), ...settings.map(([, key]) => key)];
  const expected = contributed.split(' ').map((name) => `plinth.${name}`);
  expect(expected.filter((one) => !ids.includes(one))).toEqual([]);
});

test('docs/commands.md and the table of commands in the README are what the program says', () => {
  const script = join(top, 'scripts', 'commands.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
