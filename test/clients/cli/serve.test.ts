import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mainScript } from '../../support/program.ts';
import { commandLineOfTest, samples, type CommandLine } from './plinth.ts';

/** A command line, and an empty folder to be watched. */
function withFolder(): CommandLine & { watched: string } {
  const made = commandLineOfTest();
  const watched = join(made.folder, 'watched');
  mkdirSync(watched);
  return { ...made, watched };
}

function serve(data: string, ...args: string[]): { process: ChildProcess; said: (pattern: RegExp) => Promise<void> } {
  const child = spawn(process.execPath, [mainScript, 'serve', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const said = async (pattern: RegExp): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!pattern.test(text)) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`${String(pattern)} was not said, but:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { process: child, said };
}

/** The messages of a service's log. */
function logged(data: string): string[] {
  const lines = readFileSync(join(data, 'log/daemon.log'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

test('the service says what happens, a line each, and stops gracefully on a signal', async () => {
  const { folder, data, out, watched } = withFolder();
  const { process: child, said } = serve(data, '--watch', watched, join(folder, 'not-there'));
  const stderr = once(child.stderr!.setEncoding('utf8'), 'data');
  await said(/^Plinth \S+ runs at http:\/\/127\.0\.0\.1:\d+ · data in /);
  await said(new RegExp(`^watching ${watched}$`, 'm'));
  expect(String((await stderr)[0])).toContain('not-there');

  cpSync(join(samples, 'sklearn/iris-script/outputs/v1'), join(watched, 'iris/v1'), { recursive: true });
  await said(
    /^registered iris@1 · scikit-learn \S+ joblib · accuracy 0\.9556 · f1_macro \S+ · log_loss \S+ · 6\.2 kB · iris\/v1\/model\.joblib$/m,
  );

  const part = join(watched, 'part.safetensors');
  copyFileSync(join(samples, 'pytorch/digits-mlp-a/model.safetensors'), part);
  truncateSync(part, 4000);
  await said(/^waiting part\.safetensors: /m);

  await out('promote', 'iris@1', '--reason', 'first');
  await said(/^production of iris: empty → v1 \(first\) by \S+$/m);

  const ended = once(child, 'exit');
  const began = Date.now();
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
  expect(Date.now() - began).toBeLessThan(5000);
  const messages = logged(data);
  expect(messages).toContain('started');
  expect(messages.at(-1)).toBe('stopped');
});

test('on Linux the service gives freed memory back, with the same process and without a word', async (context) => {
  if (process.platform !== 'linux') context.skip('only Linux shows the environment of a process');
  const { process: child, said } = serve(commandLineOfTest().data);
  await said(/^Plinth /);
  const environment = readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0');
  expect(environment).toContain('MALLOC_ARENA_MAX=2');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
});

test('commands that start at the same time share one service', async () => {
  const { data, out } = commandLineOfTest();
  await Promise.all([out('status', '--help'), out('ls'), out('ls'), out('ls')]);
  expect(logged(data).filter((message) => message === 'started')).toHaveLength(1);
});

test('the service does not say that it watches a folder that is paused, but how to go on', async () => {
  const { data, out, watched } = withFolder();
  await out('watch', watched);
  await out('pause', watched);
  await out('stop');
  const { process: child, said } = serve(data);
  await said(new RegExp(`^paused ${watched}; resume with: plinth resume ${watched}$`, 'm'));
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
});
