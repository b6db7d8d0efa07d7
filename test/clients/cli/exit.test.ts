import { expect, test } from 'vitest';
import { commandLine } from './plinth.ts';

const { run, out, data } = commandLine();

test('wrong use leaves with 64 and one line that says what was wrong', async () => {
  const wrong: [string[], RegExp][] = [
    [['shw'], /unknown command 'shw'.*Did you mean show/],
    [['show'], /missing required argument/],
    [['ls', '--no-such'], /unknown option/],
    [['delete', 'iris'], /Give a version, such as iris@3/],
    [['promote', '@production'], /does not name a model/],
    [['promote', 'iris@1', 'staging', '--alias', 'x'], /either a stage or an alias/],
    [['promote', 'iris@1', '--expect', 'many'], /--expect takes a version number or none/],
    [['serve', '--port', '99999'], /at most 65535/],
    [['register', ''], /A path cannot be empty/],
    [['register'], /Give either a path or --found/],
    [['tag', 'iris', 'owner'], /key=value/],
    [['undo', 'last'], /number of an event/],
    [['holders', 'iris', '--at', 'yesterday-ish'], /date and time/],
    [['events', '--limit', '0'], /whole number from 1 on/],
  ];
  const outcomes = await Promise.all(wrong.map(([args]) => run(...args)));
  for (const [at, [args, expected]] of wrong.entries()) {
    const { code, stdout, stderr } = outcomes[at]!;
    expect({ args, code, stdout }).toEqual({ args, code: 64, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr).toMatch(/^plinth: [^\n]+\n$/);
  }
});

test('what is not there leaves with 66; with --json the error is an object on standard error', async () => {
  const { code, stdout, stderr } = await run('show', 'nobody@1', '--json');
  expect([code, stdout]).toEqual([66, '']);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'not-found', details: { model: 'nobody' } } });
  expect((await run('register', 'no-such-file.pt')).code).toBe(66);
});

test('a data folder that cannot be written leaves with 69 and names the way out', async () => {
  const { code, stderr } = await run('ls', '--data', '/dev/null/registry');
  expect(code).toBe(69);
  expect(stderr).toMatch(/cannot be written.*--data/);
});

test('plinth alone prints its help, and knows its version', async () => {
  expect(await out()).toMatch(/^Usage: plinth/);
  expect(await out('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await out('promote', '--help')).toContain('--expect');
});

test('a second service on the same data folder leaves with 75', async () => {
  await out('ls');
  const { code, stderr } = await run('serve', '--data', data);
  expect(code).toBe(75);
  expect(stderr).toMatch(/runs on .* already; stop it with: plinth stop/);
});
