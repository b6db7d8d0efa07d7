import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { samples, startService, temporary } from '../../support/daemon.ts';
import { serveOverHttp } from './over-http.ts';

/** Scenarios of the suite about what this server does not offer, and so does not claim in its capabilities. */
const notOffered: Record<string, string> = {
  'logging-set-level': 'it sends no log messages',
  'tools-call-with-logging': 'it sends no log messages',
  'tools-call-image': 'its answers are text',
  'tools-call-audio': 'its answers are text',
  'tools-call-embedded-resource': 'its answers are text',
  'tools-call-mixed-content': 'its answers are text',
  'resources-read-binary': 'its answers are text',
  'prompts-get-embedded-resource': 'its prompts are text',
  'prompts-get-with-image': 'its prompts are text',
  'tools-call-with-progress': 'no tool reports progress',
  'tools-call-sampling': 'it never uses the model of the client',
  'elicitation-sep1034-defaults': 'it asks for one yes, and not for the fields of this scenario',
  'elicitation-sep1330-enums': 'it asks for one yes, and not for the fields of this scenario',
  'json-schema-2020-12': 'the scenario needs a tool whose schema has $defs',
  'resources-subscribe': 'it tells of no changes',
  'resources-unsubscribe': 'it tells of no changes',
  'server-sse-polling': 'HTTP is only for this test; the program speaks on standard input and output',
};

/** What the suite asks for by the names of a server that was made for it, and the same of ours. */
const ours: Record<string, object> = {
  test_simple_text: { name: 'search_models', arguments: {} },
  test_error_handling: { name: 'get_version', arguments: { reference: 'none@1' } },
  test_multiple_streams: { name: 'search_versions', arguments: {} },
  test_elicitation: { name: 'promote', arguments: { reference: 'model-123@1', reason: 'the suite asks' } },
  'test://static-text': { uri: 'plinth://card/model-123' },
  'test://template/123/data': { uri: 'plinth://card/model-123' },
  test_simple_prompt: { name: 'write_model_card', arguments: { model: 'model-123' } },
};

interface Named {
  name?: string;
  uri?: string;
  arguments?: Record<string, string>;
  ref?: { name?: string };
}

function renamed(params: Named): object {
  const { arg1, arg2 } = params.arguments ?? {};
  if (params.name === 'test_prompt_with_arguments')
    return { ...params, name: 'compare_and_recommend', arguments: { candidate: arg1, baseline: arg2 } };
  if (params.ref?.name === 'test_prompt_with_arguments')
    return {
      ...params,
      ref: { ...params.ref, name: 'compare_and_recommend' },
      argument: { name: 'candidate', value: '' },
    };
  return { ...params, ...ours[params.name ?? params.uri ?? ''] };
}

interface Check {
  id: string;
  status: string;
  errorMessage?: string;
  details?: { result?: unknown };
}

/** Runs the whole suite against a server and returns the checks of each scenario. */
async function runSuite(url: string): Promise<Map<string, Check[]>> {
  const folder = temporary();
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const program = join(manifest, '..', 'dist/index.js');
  const words = [program, 'server', '--url', url, '--suite', 'all', '--output-dir', folder];
  await new Promise<void>((resolve) => execFile(process.execPath, words, { cwd: folder }, () => resolve()));
  const read = (name: string): Check[] =>
    JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[];
  return new Map(readdirSync(folder).map((name) => [/^server-(.*)-\d{4}-\d\d-/.exec(name)?.[1] ?? name, read(name)]));
}

test(
  'the server passes each scenario of the conformance suite of MCP that is about what it offers',
  { timeout: 60_000 },
  async () => {
    const { client } = await startService();
    const path = join(samples, 'sklearn/iris-script/outputs/v1/model.joblib');
    await client.call('POST /register', { path, model: 'model-123' });
    const context = { client: () => Promise.resolve(client), consumers: () => Promise.resolve([]) };
    const server = await serveOverHttp({ context, allowWrites: true, version: '1.0.0' }, renamed);
    onTestFinished(() => server.close());
    const scenarios = await runSuite(server.url);
    const failed = [...scenarios].flatMap(([name, checks]) =>
      checks
        .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
        .map(({ id, errorMessage }) => ({ name, id, errorMessage })),
    );
    expect(failed.filter(({ name }) => notOffered[name] === undefined)).toEqual([]);
    // A scenario that passes after all is about something that is offered, and leaves the list.
    expect([...new Set(failed.map(({ name }) => name))].toSorted()).toEqual(Object.keys(notOffered).toSorted());
    expect(scenarios.size - Object.keys(notOffered).length).toBe(15);
    // The suite answers the question of a change with other fields than the one that confirms it.
    expect((await client.call('GET /models/:model', { model: 'model-123' })).pointers).toEqual([]);
    const answer = JSON.stringify(scenarios.get('tools-call-elicitation')?.[0]?.details?.result);
    expect(answer).toContain('Nothing was changed: no person could confirm');
  },
);
