import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/daemon.ts';
import { mainScript } from '../../support/program.ts';

const text = readFileSync(join(import.meta.dirname, '../../../Containerfile'), 'utf8');

/** Returns the arguments of an instruction of the Containerfile. */
function instruction(name: string): string {
  const found = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`The Containerfile has no ${name}.`);
  return found;
}

const variables = Object.fromEntries(
  instruction('ENV')
    .split(' ')
    .map((one) => one.split('=') as [string, string]),
);
const words = (name: string): string[] => JSON.parse(instruction(name)) as string[];
const health = JSON.parse(/CMD (\[.*\])/.exec(instruction('HEALTHCHECK'))?.[1] ?? '[]') as string[];

test('the steps of the Containerfile name what the image has', () => {
  expect(text).toMatch(/^FROM node:24/m);
  expect(variables).toMatchObject({ PLINTH_DATA: '/data', PLINTH_NO_PROCESSES: '1' });
  expect(instruction('VOLUME')).toBe('/data');
  expect(Number(instruction('USER'))).toBeGreaterThan(0);
  expect([words('ENTRYPOINT'), words('CMD'), health[0]]).toEqual([['plinth'], ['serve'], 'plinth']);
});

test(
  'what the image starts runs as a user id without a name and without a home, and its health check tells whether it runs',
  { timeout: 90_000 },
  async (context) => {
    if (process.getuid?.() !== 0) return context.skip('only root can run a program as another user id');
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-container-')));
    chmodSync(folder, 0o755);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const id = Number(instruction('USER'));
    const data = join(folder, 'data');
    mkdirSync(data);
    chmodSync(data, 0o777);
    const env = { ...variables, PLINTH_DATA: data, HOME: '/nowhere', PATH: process.env['PATH'] };
    const options = { cwd: '/', env, uid: id, gid: id };
    const readable = spawnSync(process.execPath, [mainScript, '--version'], options).status === 0;
    if (!readable) return context.skip('another user id cannot read this program');
    const isHealthy = (): boolean =>
      spawnSync(process.execPath, [mainScript, ...health.slice(1)], options).status === 0;
    expect(isHealthy()).toBe(false);
    const service = spawn(process.execPath, [mainScript, ...words('CMD')], { ...options, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => service.once('exit', resolve));
    await until(isHealthy, 'a healthy service', 60_000);
    service.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(isHealthy()).toBe(false);
  },
);
