import { join } from 'node:path';
import { expect, test } from 'vitest';
import { samples, startService } from '../../support/daemon.ts';
import { pathWith } from '../../zoo/python.ts';
import { barePython, environmentOf, notRun, shown } from './python.ts';

test('a hostile name is only text in HTML and in a terminal', async (context) => {
  const python = barePython(context);
  const service = await startService();
  const model = '<img src=x onerror=alert(1)> $\\href{javascript:alert(1)}{x}$';
  const { token } = await service.client.call('GET /mlflow', {});
  const url = `http://127.0.0.1:${service.daemon.file.port}/api/2.0/mlflow/registered-models/create`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const created = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: model.replaceAll(':', '') }),
  });
  const isCreated = created.status === 200;
  const path = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
  await service.client.call('POST /register', { path, model: 'iris' });
  await service.client.call('POST /register', { path: path.replace('v1', 'v2'), model: 'iris' });
  const metric = '<script>alert(1)</script>\u001b[31m\u202e';
  await service.client.call('POST /models/:model/versions/:version/metrics', { model: 'iris', version: '2', metrics: { [metric]: 1 } }); // prettier-ignore
  const script = `
shown = [plinth.models(), plinth.versions("iris"), plinth.get("iris@2"), plinth.compare("iris@1", "iris@2"), plinth.promote("iris@1", reason="<b>why</b>")]
show([one._repr_html_() for one in shown])
show([repr(one) for one in shown])`;
  const [html, text] = (await shown(python, script, environmentOf(service))) as [string[], string[]];
  expect(isCreated).toBe(true);
  const tags = new Set(html.join('').match(/<[^>]*>/g));
  const own = ['<div class="plinth tex2jax_ignore mathjax_ignore">', '</div>', ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'p'].flatMap((tag) => [`<${tag}>`, `</${tag}>`])]; // prettier-ignore
  expect([...tags].filter((tag) => !own.includes(tag))).toEqual([]);
  expect(html[0]).toContain('&lt;img src=x onerror');
  expect(html.join('')).toContain('&lt;script&gt;');
  // oxlint-disable-next-line no-control-regex -- the characters that must not come through
  expect([...html, ...text].filter((one) => /[\u001b\u202e]/.test(one))).toEqual([]);
  expect(text[2]).toContain('\\u001b[31m\\u202e');
});

test('of 10,000 rows the first are shown, and a line says so', async (context) => {
  const python = barePython(context);
  const script = `
from plinth._records import Records, Run
runs = Records(Run(id=f"/r/{at}", status="finished", updatedAt=at, metrics={"a": at}, saves=[]) for at in range(10_000))
show([runs._repr_html_().count("<tr>"), runs._repr_html_()[-100:], len(repr(runs).splitlines()), repr(runs).splitlines()[-1]])
show(repr(Records()))
`;
  const line = '200 of 10,000 rows are shown. All of them: .to_frame()';
  const [[rows, end, lines, last], empty] = (await shown(python, script)) as [unknown[], string];
  expect([rows, lines, last]).toEqual([201, 202, line]);
  expect(end).toContain(`<p>${line}</p>`);
  expect(empty).toBe('There is nothing to list.');
});

test('without pandas a frame is one sentence with the command that installs it', async (context) => {
  const [refusal] = await shown(
    barePython(context),
    'from plinth._records import Records\nshow(refusal(Records().to_frame))',
  );
  expect(refusal).toEqual(['missing-package', expect.stringMatching(/pip install pandas$/)]);
});

test('%plinth takes the words of the command line, and refuses others with what it takes', async (context) => {
  const python = barePython(context);
  const service = await startService();
  for (const run of ['v1', 'v2'])
    await service.client.call('POST /register', { path: join(samples, `sklearn/iris-script/outputs/${run}/model.joblib`), model: 'iris' }); // prettier-ignore
  const script = `
from plinth._magic import run
show([type(run(line)).__name__ for line in ("ls", "ls iris", "show iris@1", "diff iris@1 iris@2", "compare iris@1 iris@2", "runs")])
show(run("promote iris@2 staging --reason 'for a test'"))
show([refusal(lambda: run(line))[0] for line in ("", "frobnicate", "diff iris@1", "ls 'x", "promote iris --frob 1", "promote iris --reason")])
`;
  const [types, receipt, codes] = await shown(python, script, environmentOf(service));
  expect(types).toEqual(['Records', 'Records', 'Version', 'Comparison', 'Comparison', 'Records']);
  expect(receipt).toMatchObject({ name: 'staging', to: 2, reason: 'for a test' });
  expect(codes).toEqual(Array.from({ length: 6 }, () => 'invalid-request'));
});

test('in IPython %load_ext adds %plinth, and a refusal is a line without a traceback', { timeout: 120_000 }, async (context) => {
  const found = pathWith('light', false);
  if ('reason' in found) return notRun(context, found.reason);
  const service = await startService();
  await service.client.call('POST /register', { path: join(samples, 'npz/weights.npz'), model: 'arrays' });
  const script = `
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "plinth")
shown = shell.run_line_magic("plinth", "ls")
show(["arrays" in shown._repr_html_(), "arrays" in shell.display_formatter.format(shown)[0]["text/html"]])
refused = shell.run_cell("%plinth show nothing")
show([type(refused.error_in_exec).__name__, str(refused.error_in_exec)])
`;
  const python = join(found.path.split(':')[0] ?? '', 'python');
  const [tables, error] = await shown(python, script, { ...environmentOf(service), IPYTHONDIR: join(service.folder, 'ipython') });
  expect(tables).toEqual([true, true]);
  expect(error).toEqual(['UsageError', 'There is no model nothing. List the models with: plinth ls']);
}); // prettier-ignore
