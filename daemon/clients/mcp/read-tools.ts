import * as z from 'zod';
import type { Version } from '../../protocol/model.ts';
import { summarizeComparison } from '../../shared/comparison-summary.ts';
import { eventText } from '../../shared/event-text.ts';
import { metricOf } from '../../shared/metrics.ts';
import { readAllPages } from '../../shared/paging.ts';
import { modelUri, pointerRefOf, referenceTo, splitReference } from '../../shared/references.ts';
import { explainRegression } from '../../shared/regression-text.ts';
import { itemFilter } from '../../shared/search/filter.ts';
import { searchableModel } from '../../shared/search/searchable.ts';
import { itemSorter } from '../../shared/search/sort.ts';
import { fields, tool, type Tool, type ToolContext } from './tool.ts';

const maxVersions = 10_000;
const { cursor, model, reference, sort, stage, where } = fields;

/** Tools that change nothing. */
export const readTools: readonly Tool[] = [
  tool({
    name: 'search_models',
    title: 'Search models',
    description:
      'Lists models with their current versions, stages and primary metric. The filter is about the model and the metrics of its current version.',
    input: { where, sort, cursor },
    run: async (context, input) => {
      const client = await context.client();
      const { items } = await readAllPages((part) => client.call('GET /models', part));
      const [filter, now] = [itemFilter(input.where ?? ''), Date.now()];
      const found = items.filter((one) => filter.matches(searchableModel(one, now)));
      const sorted =
        input.sort === undefined ? found : itemSorter(input.sort)(found, (one) => searchableModel(one, now));
      return {
        head: { unknownNames: items.length === 0 ? [] : filter.unknownNames() },
        items: sorted.map(({ name, description, versions, latest, pointers, primaryMetric, current }) => ({
          name,
          description,
          versions,
          latest,
          pointers: pointers.map((one) => ({
            name: one.kind === 'alias' ? `@${one.name}` : one.name,
            version: one.holder,
          })),
          metric: primaryMetric && { ...primaryMetric, value: metricOf(current?.metrics ?? {}, primaryMetric.name) },
        })),
      };
    },
  }),
  tool({
    name: 'search_versions',
    title: 'Search versions',
    description:
      'Lists versions of all models, or of those that `models` names, by a filter over metrics, params, tags and facts (stage, alias, framework, created, age, by, …).',
    input: {
      models: z.string().max(300).optional().describe('a model, or a pattern such as churn-*'),
      where,
      sort,
      cursor,
    },
    run: async (context, { models, where: filter, sort: order }) => {
      const client = await context.client();
      let unknownNames: string[] = [];
      const read = async (part: { cursor?: string; limit: number }) => {
        const page = await client.call('GET /versions', { models, where: filter, sort: order, ...part });
        unknownNames = page.unknown;
        return page;
      };
      const { items } = await readAllPages(read, maxVersions);
      return { head: { unknownNames }, items: items.map(briefVersion) };
    },
  }),
  tool({
    name: 'search_runs',
    title: 'Search training runs',
    description:
      'Lists training runs, running ones first, by a filter over metrics, params, tags and facts (status, started, duration, model, …).',
    input: { where, sort, cursor },
    run: async (context, { where: filter, sort: order }) => {
      const client = await context.client();
      const { runs, unknown } = await client.call('GET /runs', { where: filter, sort: order, limit: 500 });
      const items = runs.map(({ id, status, startedAt, endedAt, metrics, params, saves }) => ({
        run: id,
        status,
        started: timeText(startedAt),
        ended: endedAt === null ? null : timeText(endedAt),
        metrics,
        params,
        versions: [...new Set(saves.flatMap(({ version }) => version ?? []))],
      }));
      return { head: { unknownNames: unknown }, items };
    },
  }),
  tool({
    name: 'get_version',
    title: 'Get a version',
    description: 'Returns the facts of one version, and its metrics, params, tags, files and comments as items.',
    input: { reference, cursor },
    run: async (context, input) => {
      const detail = await versionDetail(context, input.reference);
      const { version, files, comments, approvals = [] } = detail;
      const rows = (group: string, values: Readonly<Record<string, unknown>>): unknown[] =>
        Object.entries(values).map(([name, value]) => ({ group, name, value }));
      return {
        head: {
          ...briefFacts(version),
          state: version.state,
          description: version.description,
          pickle: version.pickle,
          problems: version.problems.map(({ message }) => message),
          source: version.source.path,
          digest: version.digest,
          betterCheckpoint: detail.ofRun?.better ?? null,
        },
        items: [
          ...rows('metric', version.metrics),
          ...rows('param', version.params),
          ...rows('tag', version.tags),
          ...approvals.map((one) => ({ group: 'approval', value: one })),
          ...comments.map(({ actor, at, text }) => ({ group: 'comment', by: actor, at: timeText(at), value: text })),
          ...files.map(({ path, size }) => ({ group: 'file', name: path || version.primary, value: size })),
        ],
      };
    },
  }),
  tool({
    name: 'compare_versions',
    title: 'Compare versions',
    description:
      'Compares versions with a baseline: a summary, and every difference in metrics, params, data, code, packages and files as items.',
    input: { baseline: reference, candidates: z.array(reference).min(1).max(19), cursor },
    run: async (context, { baseline, candidates }) => {
      const client = await context.client();
      const comparison = await client.call('GET /compare', { versions: [baseline, ...candidates].join(',') });
      const sections = [
        'metrics',
        'params',
        'config',
        'data',
        'code',
        'environment',
        'signature',
        'files',
        'facts',
      ] as const;
      return {
        head: {
          versions: comparison.versions,
          summaries: comparison.versions.slice(1).map((_, at) => summarizeComparison(comparison, at + 1)),
          notCompared: comparison.columns.flatMap(({ reference: of, missing }) =>
            missing.map((one) => `${of}: ${one}`),
          ),
        },
        items: sections.flatMap((section) =>
          comparison[section]
            .filter(({ differs }) => differs)
            .map(({ name, values, deltas, better }) => ({
              section,
              name,
              values,
              deltas: deltas.slice(1),
              better: better.slice(1),
            })),
        ),
      };
    },
  }),
  tool({
    name: 'explain_regression',
    title: 'Explain a regression',
    description:
      'Says in one sentence what a version lost against another, and which params, data, code and packages differ. Without a baseline: the current version of production, else the version before.',
    input: { version: reference, baseline: reference.optional(), metric: z.string().max(300).optional(), cursor },
    run: async (context, input) => {
      const client = await context.client();
      const { version } = await versionDetail(context, input.version);
      const own = await client.call('GET /models/:model', { model: version.model });
      const held = own.pointers.find(({ kind, name }) => kind === 'stage' && name === 'production')?.holder ?? null;
      const other = held === null || held === version.number ? version.number - 1 : held;
      const baseline = input.baseline ?? referenceTo(version.model, other);
      const compared = await client.call('GET /compare', {
        versions: `${baseline},${referenceTo(version.model, version.number)}`,
      });
      const { text, causes } = explainRegression(compared, input.metric ?? null);
      return { head: { baseline: compared.versions[0], version: compared.versions[1], text }, items: causes };
    },
  }),
  tool({
    name: 'get_lineage',
    title: 'Get the lineage of a version',
    description: 'Returns where a version comes from: commit, process, data and packages, and what could not be seen.',
    input: { reference, cursor },
    run: async (context, input) => {
      const { lineage, version } = await versionDetail(context, input.reference);
      if (!lineage)
        return { head: { version: referenceTo(version.model, version.number), lineage: 'not recorded' }, items: [] };
      const { code, process, environment, data, missing, seeds } = lineage;
      return {
        head: {
          version: referenceTo(version.model, version.number),
          code,
          command: process?.command ?? null,
          python: environment?.python ?? null,
          seeds,
          missing,
        },
        items: [
          ...data.map(({ path, digest }) => ({ group: 'data', name: path, value: digest })),
          ...Object.entries(environment?.packages ?? {}).map(([name, value]) => ({ group: 'package', name, value })),
        ],
      };
    },
  }),
  tool({
    name: 'resolve_reference',
    title: 'Resolve a reference',
    description:
      'Returns the version that a reference leads to now, with its checksum and the URI by which MLflow loads it.',
    input: { reference },
    run: async (context, input) => {
      const { version } = await versionDetail(context, input.reference);
      return {
        head: {
          ...briefFacts(version),
          state: version.state,
          digest: version.digest,
          uri: modelUri(version.model, version.number),
        },
      };
    },
  }),
  tool({
    name: 'find_consumers',
    title: 'Find the code that loads a model',
    description: 'Lists the places in the files of this workspace that refer to a model.',
    input: { model, cursor },
    run: async (context, input) => ({ head: { model: input.model }, items: await context.consumers(input.model) }),
  }),
  tool({
    name: 'get_history',
    title: 'Get the history of a model',
    description:
      'Lists what happened to a model, newest first: registrations, promotions, rollbacks, approvals, with who and why.',
    input: { model, cursor },
    run: async (context, input) => {
      const client = await context.client();
      const { items } = await readAllPages(
        (part) => client.call('GET /models/:model/history', { model: input.model, ...part }),
        2000,
      );
      return {
        head: { model: input.model },
        items: items.map((event) => ({
          event: event.seq,
          at: timeText(event.at),
          by: event.actor,
          what: eventText(event),
          reason: event.body['reason'],
        })),
      };
    },
  }),
  tool({
    name: 'check_gates',
    title: 'Check the gates of a version',
    description:
      'Reports which gates of the policy a version passes for a stage or alias. A dry run: it changes nothing and runs no command.',
    input: { reference, stage },
    run: async (context, input) => {
      const client = await context.client();
      const report = await client.call('GET /models/:model/versions/:version/gates', {
        ...partsOf(input.reference),
        ...pointerOf(input.stage),
      });
      const { gates, ...rest } = report;
      return { head: rest, items: gates };
    },
  }),
  tool({
    name: 'get_card',
    title: 'Get a model card',
    description: 'Returns the card of a model in parts, or a draft that was made from its facts.',
    input: { model, cursor },
    run: async (context, input) => {
      const { text, ...facts } = await (await context.client()).call('GET /models/:model/card', { model: input.model });
      return { head: { model: input.model, ...facts }, items: text.match(/[^]{1,280}(?:\s|$)|[^]{1,280}/g) ?? [] };
    },
  }),
  tool({
    name: 'why',
    title: 'Why is a file (not) a version',
    description: 'Says why a file on this machine is or is not registered.',
    input: { path: z.string().min(1).max(4096).describe('absolute path') },
    run: async (context, { path }) => ({ head: { ...(await (await context.client()).call('GET /why', { path })) } }),
  }),
];

/** Splits a reference for routes; without a version it means the latest. */
export function partsOf(text: string): { model: string; version: string } {
  const { model: name, version } = splitReference(text);
  return { model: name, version: version ?? 'latest' };
}

export function pointerOf(text = 'production'): { stage: string } | { alias: string } {
  const { kind, name } = pointerRefOf(text);
  return kind === 'alias' ? { alias: name } : { stage: name };
}

async function versionDetail(context: ToolContext, text: string) {
  return (await context.client()).call('GET /models/:model/versions/:version', partsOf(text));
}

function briefFacts(version: Version): Record<string, unknown> {
  return {
    version: referenceTo(version.model, version.number),
    stage: version.stage,
    aliases: version.aliases,
    framework: version.framework,
    created: timeText(version.createdAt),
    by: version.actor,
  };
}

function briefVersion(version: Version): unknown {
  return { ...briefFacts(version), metrics: version.metrics, params: version.params, tags: version.tags };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
