import { html, nothing, type TemplateResult } from 'lit';
import type { TrackedRun } from '../../../daemon/protocol/tracked-run.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import type { RunView } from '../../protocol.ts';
import { usualChartLook, type Line } from '../../components/charts/chart-points.ts';
import '../../components/charts/chart.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { facts, plainTable, section } from '../../components/section.ts';
import { cellText } from '../../components/text.ts';
import { timeElement } from '../../components/values/time.ts';

/** A chart is redrawn when it gets another list, so each curve keeps its own. */
const drawn = new WeakMap<TrackedRun['curves'][number], Line[]>();

/** Shows a run that an MLflow client logged: its params and tags, its curves, and the versions made from it. */
export function runPage({ run }: RunView): TemplateResult {
  const state = run.deleted ? l10n.t('deleted') : run.status;
  return html`<header><h1>${run.name}</h1></header>
    <main>
      ${facts([
        [l10n.t('Experiment'), run.experiment.name],
        [l10n.t('State'), state],
        [l10n.t('Started'), timeElement(run.startedAt)],
        [l10n.t('Ended'), run.endedAt === null ? '' : timeElement(run.endedAt)],
        [l10n.t('By'), run.user],
        [l10n.t('Run'), run.run],
      ])}
      ${section('versions', l10n.t('Versions'), versions(run))}
      ${section('metrics', l10n.t('Metrics'), pairs(run.metrics))}
      ${section('curves', l10n.t('Curves'), curvesPart(run))} ${section('params', l10n.t('Params'), pairs(run.params))}
      ${section('inputs', l10n.t('Data'), inputs(run))} ${section('tags', l10n.t('Tags'), pairs(run.tags))}
    </main>`;
}

function versions({ versions: all }: TrackedRun): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<ul>
    ${all.map(({ model, number }) => {
      const place = { page: 'version', model, version: String(number) } as const;
      return html`<li>
        <button class="link" @click=${() => host.post({ kind: 'open', place })}>${referenceTo(model, number)}</button>
      </li>`;
    })}
  </ul>`;
}

function pairs(values: Readonly<Record<string, number | string>>): TemplateResult | typeof nothing {
  return facts(Object.entries(values).map(([name, value]) => [name, cellText(value)]));
}

function inputs({ inputs: all }: TrackedRun): TemplateResult | typeof nothing {
  const rows = all.map(({ name, digest, source }) => [name, digest, source.slice(0, 300)]);
  return plainTable(l10n.t('Data'), [l10n.t('Name'), l10n.t('Checksum'), l10n.t('Source')], rows);
}

function curvesPart({ curves: all }: TrackedRun): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<div class="charts">
    ${all.map((curve) => html`<plinth-chart .name=${curve.metric} .lines=${linesOf(curve)} .look=${usualChartLook}></plinth-chart>`)}
  </div>`;
}

function linesOf(curve: TrackedRun['curves'][number]): Line[] {
  const known = drawn.get(curve);
  if (known) return known;
  const points = {
    steps: Float64Array.from(curve.steps),
    times: Float64Array.from(curve.times),
    values: Float64Array.from(curve.values, (value) => value ?? Number.NaN),
    total: curve.values.length,
  };
  const lines = [{ label: curve.metric, points, best: null, place: 0 }];
  drawn.set(curve, lines);
  return lines;
}
