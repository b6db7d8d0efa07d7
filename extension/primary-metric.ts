import * as vscode from 'vscode';
import { leadingMetrics, metricOf, orderMetricNames } from '../daemon/shared/metrics.ts';
import { modelFrom } from './pick.ts';
import type { Extension } from './context.ts';
import type { Node } from './trees/nodes.ts';
import type { Service } from './service.ts';
import { setting } from './settings.ts';

/** Lets a person choose the primary metric of a model. The registry stores it, so it applies to everybody. */
export async function choosePrimaryMetric({ service, ...rest }: Extension, node?: Node): Promise<void> {
  const title = vscode.l10n.t('Choose Primary Metric');
  const name = await modelFrom({ service, ...rest }, node, title);
  if (name === undefined) return;
  const [model, { items }] = await Promise.all([
    service.call('GET /models/:model', { model: name }),
    service.call('GET /models/:model/versions', { model: name, limit: 50 }),
  ]);
  const automatic = { label: vscode.l10n.t('Choose automatically'), metric: null };
  const named = orderMetricNames(items, leadingMetrics(model)).map((metric) => ({
    label: metric,
    description: metric === model.primaryMetric?.name ? vscode.l10n.t('current') : '',
    metric,
  }));
  const chosen = await vscode.window.showQuickPick([...named, automatic], { title });
  if (chosen) await service.call('POST /models/:model/metric', { model: name, metric: chosen.metric });
}

/** Writes the setting into the registry when a person changes it, for every model whose versions measure that metric. */
export function registerPrimaryMetricSetting(service: Service): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration(async (event) => {
    const metric = setting('tree.primaryMetric', '');
    if (!event.affectsConfiguration('plinth.tree.primaryMetric') || metric === '') return;
    for (const { name, current, primaryMetric } of service.mirror.models)
      if (metricOf(current?.metrics ?? {}, metric) !== undefined && primaryMetric?.name !== metric)
        await service.callInBackground((client) => client.call('POST /models/:model/metric', { model: name, metric }));
  });
}
