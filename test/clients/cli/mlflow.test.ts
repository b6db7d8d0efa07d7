import { expect, test } from 'vitest';
import { envLines } from '../../../daemon/clients/cli/commands/env.ts';
import { commandLine } from './plinth.ts';

const cli = commandLine();

test('env prints the two variables for every shell, and a new token takes the place of the old one', async () => {
  const first = await cli.out('env');
  expect(first).toMatch(
    /^export MLFLOW_TRACKING_URI='http:\/\/127\.0\.0\.1:\d+'\nexport MLFLOW_TRACKING_TOKEN='[\w-]{43}'\n$/,
  );
  expect(await cli.out('env', '--shell', 'fish')).toMatch(/^set -gx MLFLOW_TRACKING_URI 'http/);
  expect(await cli.out('env', '--shell', 'powershell')).toMatch(/^\$env:MLFLOW_TRACKING_URI = 'http/);
  expect(await cli.out('env', '--shell', 'dotenv')).toMatch(/^MLFLOW_TRACKING_URI=http/);
  expect(await cli.json('env')).toMatchObject({ MLFLOW_TRACKING_TOKEN: expect.any(String) });
  expect((await cli.run('env', '--shell', 'tcsh')).code).toBe(64);
  const renewed = await cli.out('env', '--renew');
  expect(renewed).not.toBe(first);
  expect(await cli.out('env')).toBe(renewed);
});

test('mlflow runs a command with the two variables, its arguments and its exit code', async () => {
  const script = 'console.log(process.env.MLFLOW_TRACKING_URI, process.argv[1]); process.exit(7)';
  const { code, stdout } = await cli.run('mlflow', '--', process.execPath, '-e', script, '--', '--lr=1');
  expect([code, stdout]).toEqual([7, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ --lr=1\n$/)]);
  expect((await cli.run('mlflow', '--', 'no-such-command')).stderr).toMatch(/no-such-command cannot be run/);
});

test('a value with a quote in it stays one value', () => {
  const variables = { MLFLOW_TRACKING_URI: "a'b", MLFLOW_TRACKING_TOKEN: 't' };
  expect(envLines('sh', variables)[0]).toBe("export MLFLOW_TRACKING_URI='a'\\''b'");
  expect(envLines('powershell', variables)[0]).toBe("$env:MLFLOW_TRACKING_URI = 'a''b'");
});
