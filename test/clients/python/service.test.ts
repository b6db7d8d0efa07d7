import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { splitReference } from '../../../daemon/shared/references.ts';
import { startService, temporary, threeVersions, type TestService } from '../../support/daemon.ts';
import { mainScript } from '../../support/program.ts';
import { barePython, environmentOf, pathWith, shown } from './python.ts';

const onWindows = process.platform === 'win32';

/** Starts a server that gives every request the same answer. Returns its port and the requests. */
async function foreignServer(answer: string, status = 200): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(status, { 'content-type': 'text/html' }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, requests };
}

/** Writes the daemon.json of a service at a port where it does not run. */
function daemonFile(port: number, given: object): string {
  const data = temporary();
  const file = { pid: 1, port, token: 'secret', protocol: 1, version: '0.1.0', startedAt: 1, ...given };
  writeFileSync(join(data, 'daemon.json'), JSON.stringify(file));
  return data;
}

test('a script lists, compares, promotes and rolls back, and is recorded as a client of Python', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const [models, versions, found, others, first, second, back, holder, compared, path] = await shown(
    python,
    `
show([model.name for model in plinth.models()])
show([version.reference for version in plinth.versions("iris")])
show([version.number for version in plinth.versions(where="model = iris and version < 3", sort="version")])
show([refusal(lambda: plinth.runs(where="val_auc >")), len(plinth.versions("ir*", where="version = 1"))])
show(plinth.promote("iris@2", reason="a first one"))
show(plinth.promote("iris@3", alias="champion"))
plinth.promote("models:/iris@champion", "production")
show(plinth.rollback("iris", reason="worse in use"))
show(plinth.get("iris@production").number)
compared = plinth.compare("iris@1", "models:/iris/3")
show([row["name"] for row in compared.metrics if row["differs"]] + compared.versions)
show([plinth.path("iris"), plinth.get("iris").reference])
`,
    environmentOf(service),
  );
  expect(models).toEqual(['iris']);
  expect(versions).toEqual(['iris@3', 'iris@2', 'iris@1']);
  expect(found).toEqual([1, 2]);
  const mistake = expect.stringMatching(/^Cannot read the filter at character 10: It ends too early/) as string;
  expect(others).toEqual([['invalid-request', mistake], 1]);
  expect(first).toMatchObject({ changed: true, to: 2, reason: 'a first one', kind: 'stage', name: 'production' });
  expect((first as { actor: string }).actor).toMatch(/\/python$/);
  expect(second).toMatchObject({ kind: 'alias', name: 'champion', to: 3 });
  expect(back).toMatchObject({ cause: 'rollback', from: 3, to: 2, reason: 'worse in use' });
  expect(holder).toBe(2);
  expect(compared).toEqual(['f1_macro', 'log_loss', 'iris@1', 'iris@3']);
  const [placed, reference] = path as [string, string];
  expect(reference).toBe('iris@3');
  expect(placed).toMatch(/iris@3.model\.joblib$/);
});

test('metrics that a script logs count, and neither replace others nor get lost', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const [before, after, refusals] = await shown(
    python,
    `
show(plinth.get("iris@2").metrics)
plinth.log_metrics({"val_auc": 0.91, "epoch": 7}, "iris@2")
plinth.log_metrics({"shadow/latency, ms": 4, "lost": float("nan")}, "iris@2")
plinth.log_metrics({"epoch": 8, "val_auc": 0.93}, "iris@2")
show(plinth.get("iris@2").metrics)
show([refusal(lambda: plinth.log_metrics(given, "iris@2")) for given in ({}, {"auc": "high"}, {"auc": True})])
`,
    environmentOf(service),
  );
  expect(before).toHaveProperty('log_loss');
  expect(after).toEqual({
    ...(before as object),
    val_auc: 0.93,
    epoch: 8,
    'shadow/latency, ms': 4,
    lost: 'NaN',
  });
  const codes = (refusals as [string, string][]).map(([code]) => code);
  expect(codes).toEqual(['invalid-request', 'invalid-request', 'invalid-request']);
  const { version } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '3',
  });
  expect(version.metrics).not.toHaveProperty('val_auc');
});

test('a file that a script attaches is evidence of the version', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const file = join(temporary(), 'eval_metrics.json');
  writeFileSync(file, '{"holdout_f1": 0.5}');
  const script = `show(plinth.attach(${JSON.stringify(file)}, "iris@1").metrics)\nshow(refusal(lambda: plinth.attach("nothing.json", "iris@1")))`;
  const [metrics, refusal] = await shown(python, script, environmentOf(service));
  expect(metrics).toEqual({ holdout_f1: 0.5 });
  expect(refusal).toEqual(['not-found', expect.stringMatching(/nothing\.json does not exist/)]);
});

test('a refusal of the service is an exception with its code, its sentence and its details', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const [refusals, details] = await shown(
    python,
    `
show([refusal(call) for call in (
    lambda: plinth.get("churn@1"),
    lambda: plinth.load("iris@9"),
    lambda: plinth.path("iris@production"),
    lambda: plinth.rollback("iris"),
    lambda: plinth.get("iris@"),
    lambda: plinth.promote("iris", "staging", alias="champion"),
)])
try:
    plinth.get("iris@9")
except plinth.PlinthError as error:
    show(error.details)
`,
    environmentOf(service),
  );
  expect(refusals).toEqual([
    ['not-found', 'There is no model churn. List the models with: plinth ls'],
    ['not-found', 'iris has no version 9; its newest version is 3.'],
    ['not-found', 'No version of iris is in production.'],
    ['conflict', expect.stringContaining('no previous version')],
    ['invalid-request', '"iris@" does not name a version. Write model@version, such as churn@7.'],
    ['invalid-request', 'Give either a stage or an alias, not both.'],
  ]);
  expect(details).toEqual({ model: 'iris', version: '9' });
});

test('a reference means in Python what it means on the command line', async (context) => {
  const python = barePython(context);
  const texts = ['churn', 'churn@7', 'churn@v7', 'churn@production', 'churn@@champion', '"team@home"@7', '"a\\"b"@@x'];
  const odd = ['a@b@c', '"half@7', '"x"y@1', 'ünïcode@1', ' a @7', '"team@home"'];
  const uris = ['models:/churn/7', 'models:/churn@champion', 'models:/team@home/7', 'models:/team@home@champion'];
  const script = `from plinth._references import split, reference_to
show([split(text) for text in json.loads(${JSON.stringify(JSON.stringify([...texts, ...odd]))})])
show([split(text) for text in json.loads(${JSON.stringify(JSON.stringify(uris))})])
show([reference_to(*split(text)) for text in ['"team@home"@7', "churn@7"]])`;
  const [plain, ofUris, written] = await shown(python, script);
  expect(plain).toEqual([...texts, ...odd].map((text) => [splitReference(text).model, splitReference(text).version ?? null])); // prettier-ignore
  expect(ofUris).toEqual([
    ['churn', '7'],
    ['churn', '@champion'],
    ['team@home', '7'],
    ['team@home', '@champion'],
  ]);
  expect(written).toEqual(['"team@home"@7', 'churn@7']);
});

test.skipIf(onWindows)('a script starts the service if none runs and the command is on the PATH', { timeout: 60_000 }, async (context) => {
  const python = barePython(context);
  const [bin, data] = [temporary(), join(temporary(), 'data')];
  writeFileSync(join(bin, 'plinth'), `#!/bin/sh\nexec '${process.execPath}' '${mainScript}' "$@"\n`);
  chmodSync(join(bin, 'plinth'), 0o755);
  const env = { PLINTH_DATA: data, PATH: pathWith(bin) };
  onTestFinished(() => void spawnSync(process.execPath, [mainScript, 'stop'], { env: { ...process.env, ...env } }));
  expect(await shown(python, 'show(len(plinth.models()))\nshow(len(plinth.models()))', env)).toEqual([0, 0]);
}); // prettier-ignore

test('without a service and without the command, one sentence says what to do', async (context) => {
  const python = barePython(context);
  const data = temporary();
  const [refusal] = await shown(python, 'show(refusal(plinth.models))', { PLINTH_DATA: data, PATH: pathWith() });
  expect(refusal).toEqual([
    'unavailable',
    `No Plinth service runs on ${data}. Put the command plinth on your PATH, or name another service with PLINTH_URL and PLINTH_TOKEN.`,
  ]);
});

test('a program in the working folder is not taken for the command', async (context) => {
  const python = barePython(context);
  const script = `
import os
with open("plinth", "w") as file: file.write("#!/bin/sh\\ntouch started\\n")
os.chmod("plinth", 0o755)
show([refusal(plinth.models)[0], os.path.exists("started")])`;
  const env = { PLINTH_DATA: temporary(), PATH: `.:${pathWith()}` };
  expect(await shown(python, script, env)).toEqual([['unavailable', false]]);
});

test('a program at the port of an ended service gets no token', async (context) => {
  const python = barePython(context);
  for (const given of [{ proofKey: 'a'.repeat(64) }, {}]) {
    const { port, requests } = await foreignServer('OK');
    const env = { PLINTH_DATA: daemonFile(port, given), PATH: pathWith() };
    const [refusal] = await shown(python, 'show(refusal(plinth.models))', env);
    expect(refusal).toEqual(['unavailable', expect.any(String)]);
    expect(requests.length > 0).toBe('proofKey' in given);
    expect(requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  }
});

test('a wrong token is refused by the service', async (context) => {
  const python = barePython(context);
  const service = await startService();
  const env = { ...environmentOf(service), PLINTH_TOKEN: 'plinth_wrong' };
  const [refusal] = await shown(python, 'show(refusal(plinth.models))', env);
  expect(refusal).toEqual(['unauthorized', expect.stringMatching(/token/i)]);
});

test('what a proxy answers in HTML is one sentence', async (context) => {
  const python = barePython(context);
  for (const [status, answer] of [
    [200, '<html>Sign in</html>'],
    [502, '<h1>Bad Gateway</h1>'],
    [302, ''],
    [403, '{"message": "no"}'],
  ] as const) {
    const { port } = await foreignServer(answer, status);
    const env = { PLINTH_URL: `http://127.0.0.1:${port}`, PLINTH_TOKEN: 'x' };
    const [refusal] = await shown(python, 'show(refusal(plinth.models))', env);
    const sentence = `The program at http://127.0.0.1:${port} is not a Plinth service: it answered with status ${status} and no JSON of a service, as the login page of a proxy does.`;
    expect(refusal).toEqual(['unavailable', sentence]);
  }
});

test('a proxy of the environment never sees a request', async (context) => {
  const python = barePython(context);
  const service = await startService();
  const { port, requests } = await foreignServer('<html>');
  const proxy = `http://127.0.0.1:${port}`;
  const env = { http_proxy: proxy, HTTP_PROXY: proxy, https_proxy: proxy, all_proxy: proxy, no_proxy: '' };
  expect(await shown(python, 'show(len(plinth.models()))', { ...environmentOf(service), ...env })).toEqual([0]);
  expect(requests).toEqual([]);
});

test('an address to which no token can be sent safely is refused before anything is sent', async (context) => {
  const python = barePython(context);
  const sentences = await shown(
    python,
    `
import os
for url, token in [("http://registry.example:8080", "x"), ("ftp://127.0.0.1", "x"), ("http://127.0.0.1:99999", "x"),
                   ("not an address", "x"), ("http://127.0.0.1:8080", ""), ("http://127.0.0.1:8080", "a\\r\\nb")]:
    os.environ.update(PLINTH_URL=url, PLINTH_TOKEN=token)
    show(refusal(plinth.models))
`,
  );
  const address = ['invalid-request', 'PLINTH_URL must be an address such as http://127.0.0.1:8080.'];
  expect(sentences).toEqual([
    ['invalid-request', expect.stringContaining('PLINTH_URL must begin with https:// for registry.example')],
    address,
    address,
    address,
    ['invalid-request', 'PLINTH_URL is set without PLINTH_TOKEN. Set both, or neither.'],
    ['invalid-request', 'PLINTH_TOKEN contains characters that no token has.'],
  ]);
});

/** Returns the variables of a service that is named by its address, for a viewer. */
async function named({ client, daemon }: TestService): Promise<Record<string, string>> {
  const { token } = await client.call('POST /tokens', { owner: 'ana', role: 'viewer' });
  const cache = temporary();
  const url = `http://127.0.0.1:${daemon.file.port}`;
  return { PLINTH_URL: url, PLINTH_TOKEN: token, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, HOME: cache };
}

test('files of a service that PLINTH_URL names are copied, verified, and replaced when they were changed', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const env = await named(service);
  const [first, again, refused] = await shown(
    python,
    `
import hashlib, os
path = plinth.path("iris@2")
def digest(): return hashlib.sha256(open(path, "rb").read()).hexdigest()
show([path, digest()])
os.chmod(path, 0o644)
with open(path, "ab") as file: file.write(b"x")
show([plinth.path("iris@2"), digest()])
show(refusal(lambda: plinth.promote("iris@2")))
`,
    env,
  );
  const { files } = await service.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '2' });
  const [path, digest] = first as [string, string];
  expect(path.startsWith(env['HOME'] ?? '')).toBe(true);
  expect(digest).toBe(files[0]?.sha256);
  expect(again).toEqual(first);
  expect(statSync(path).mode & 0o222).toBe(0);
  expect(readdirSync(join(path, '..', '..', '..', 'tmp'))).toEqual([]);
  expect(refused).toEqual(['forbidden', expect.any(String)]);
});

test('a file that is damaged in the registry is refused', async (context) => {
  const python = barePython(context);
  const service = await startService();
  await threeVersions(service.client);
  const { files } = await service.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
  const blob = service.daemon.context.blobs.pathOf(`sha256:${files[0]!.sha256}`);
  const bytes = readFileSync(blob);
  bytes[100] = bytes[100]! ^ 1;
  chmodSync(blob, 0o644);
  writeFileSync(blob, bytes);
  const [local] = await shown(python, 'show(refusal(lambda: plinth.path("iris@1")))', environmentOf(service));
  expect(local).toEqual(['damaged', expect.stringContaining('iris@1')]);
}); // prettier-ignore

test('import plinth loads nothing but the package itself', async (context) => {
  const python = barePython(context);
  const script = `import sys
for name in [name for name in sys.modules if name.startswith("plinth")]: del sys.modules[name]
before = set(sys.modules)
import plinth
show(sorted(set(sys.modules) - before))`;
  expect(await shown(python, script)).toEqual([['plinth', 'plinth._errors']]);
});
