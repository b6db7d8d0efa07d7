import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine, samples, type Outcome } from './plinth.ts';

/** The machine with the registry, and a person who reaches it by its address only. */
const machine = commandLine();
const away = commandLine({ PLINTH_DATA: '/nowhere/plinth' });
const cache = join(away.folder, 'cache');
let url = '';
let token = '';

function ana(...args: string[]): Promise<Outcome> {
  return away.as({ PLINTH_URL: url, PLINTH_TOKEN: token, XDG_CACHE_HOME: cache }, ...args);
}

beforeAll(async () => {
  const file = join(samples, 'sklearn/iris-script/outputs/v1/model.joblib');
  await machine.out('register', file, '--model', 'iris');
  token = ((await machine.json('token', 'create', 'ana', '--role', 'contributor')) as { token: string }).token;
  const daemon = JSON.parse(readFileSync(join(machine.data, 'daemon.json'), 'utf8')) as { port: number };
  url = `http://127.0.0.1:${daemon.port}`;
}, 60_000);

test(
  'a person with an address and a token lists, registers, attaches, promotes and loads, under the own name',
  { timeout: 60_000 },
  async () => {
    expect((await ana('ls')).stdout).toMatch(/^model[^]*iris/);
    const second = join(samples, 'sklearn/iris-script/outputs/v2/model.joblib');
    expect((await ana('register', second, '--model', 'iris')).stdout).toMatch(
      /^registered iris@2 · scikit-learn .*joblib/,
    );
    mkdirSync(join(away.folder, 'm'));
    const metrics = join(away.folder, 'm', 'metrics.json');
    writeFileSync(metrics, '{"val_auc": 0.9}');
    expect((await ana('attach', 'iris@2', metrics)).stdout).toMatch(
      /^attached metrics\.json to iris@2: val_auc 0\.9 · event/,
    );
    expect((await ana('promote', 'iris@2', '--reason', 'from afar')).code).toBe(0);
    const path = (await ana('path', 'iris@production')).stdout.trim();
    expect(path.startsWith(cache)).toBe(true);
    expect(readFileSync(path).equals(readFileSync(second))).toBe(true);
    expect((await ana('history', 'iris')).stdout).toMatch(/ana\/cli|ana /);
    expect((await ana('open', 'iris@2', '--print')).stdout).toMatch(new RegExp(`^${url}/#code=`));
    expect((await ana('env')).stdout).toContain(`MLFLOW_TRACKING_URI='${url}'`);
    expect((await ana('status', '--json')).code).toBe(0);
    const { stdout } = await away.as({ PLINTH_TOKEN: token }, '--url', url, 'show', 'iris@2');
    expect(stdout).toContain('val_auc');
  },
);

test('a command that needs files of that machine, or its data folder, says so', async () => {
  for (const args of [
    ['watch', '.'],
    ['why', '.'],
    ['identify', '.'],
    ['scan', '.'],
    ['import', '.'],
  ]) {
    const { code, stderr } = await ana(...args);
    expect([args, code]).toEqual([args, 64]);
    expect(stderr).toContain(`This needs files of the machine that ${url} runs on`);
  }
  for (const command of ['stop', 'rebuild', 'backup'])
    expect((await ana(command)).stderr).toContain(
      `The command ${command} works on the data folder of this machine. Unset PLINTH_URL`,
    );
  expect((await ana('--url', url, 'serve')).stderr).toContain('Leave out --url');
});

test('a file that is registered by address without a model gets the same name as on the machine, and is told what it is named after', async () => {
  const folder = join(away.folder, 'rent', 'outputs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'rent_best.joblib');
  cpSync(join(samples, 'sklearn/iris-script/outputs/v3/model.joblib'), file);
  const told =
    /^registered rent@1 · .*\n {2}named after the file rent_best\.joblib; rename it with: plinth rename rent NAME\n$/;
  expect((await ana('register', file)).stdout).toMatch(told);
  expect((await ana('register', file, '--again')).stdout).toMatch(/^registered rent@2 .*\n$/);
  expect(await machine.out('register', file, '--again')).toMatch(/^registered rent@3 .*\n$/);
  await machine.out('rename', 'rent', 'other');
  expect((await ana('register', file, '--again')).stdout).toMatch(/^registered other@4 .*\n$/);
});

test('each failure to reach the service is one clear sentence', async () => {
  const pages = createServer(
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  );
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  afterAll(() => pages.close());
  const page = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const told = async (env: Record<string, string>): Promise<string> => {
    const { code, stdout, stderr } = await away.as({ PLINTH_URL: url, PLINTH_TOKEN: token, ...env }, 'ls');
    expect([stdout, stderr.trim().split('\n').length, code > 0]).toEqual(['', 1, true]);
    return stderr;
  };
  expect(await told({ PLINTH_TOKEN: 'wrong' })).toContain(
    `The token was refused by the Plinth service at ${url}: it is wrong, has expired or was revoked.`,
  );
  expect(await told({ PLINTH_TOKEN: '' })).toContain(`A token is needed for ${url}. Set PLINTH_TOKEN`);
  expect(await told({ PLINTH_URL: 'http://127.0.0.1:1' })).toContain('at http://127.0.0.1:1 does not answer');
  expect(await told({ PLINTH_URL: 'http://no.such.host.invalid' })).toContain('must begin with https://');
  expect(await told({ PLINTH_URL: 'models' })).toContain('take an address such as http://127.0.0.1:8080');
  expect(await told({ PLINTH_URL: page })).toContain('status 200 and a web page instead of a reply of Plinth');
});
