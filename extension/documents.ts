import * as vscode from 'vscode';
import type { Version } from '../daemon/protocol/model.ts';
import { happening } from './labels.ts';
import type { Service } from './service.ts';

const scheme = 'plinth';

/** What of a version can be read as a text. */
export const texts = ['metrics.json', 'params.json', 'facts.json', 'files.json'] as const;
type Text = (typeof texts)[number] | 'version.json' | 'history.txt';

/** The version is in the query, so that both sides of a comparison have one path. */
export function textUri(version: Pick<Version, 'model' | 'number'>, text: Text): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${version.model}/${text}`, query: String(version.number) });
}

/** Read-only documents of a version, told anew each time they are opened. */
export function registerDocuments(service: Service): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async (uri) => {
      const [model = '', text = ''] = uri.path.slice(1).split('/');
      return contentOf(service, model, uri.query, text);
    },
  });
}

async function contentOf(service: Service, model: string, version: string, text: string): Promise<string> {
  if (text === 'history.txt') return historyOf(service, model);
  const detail = await service.call('GET /models/:model/versions/:version', { model, version });
  const parts: Record<string, unknown> = {
    'metrics.json': detail.version.metrics,
    'params.json': detail.version.params,
    'facts.json': { ...detail.facts, tensors: detail.facts.tensors.slice(0, 1000) },
    'files.json': detail.files,
  };
  return `${JSON.stringify(parts[text] ?? detail, sorted, 2)}\n`;
}

/** Objects by key, so that only what differs differs. */
function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function historyOf(service: Service, model: string): Promise<string> {
  const { items } = await service.call('GET /models/:model/history', { model, limit: 500 });
  const lines = items.map((event) => {
    const reason =
      typeof event.body['reason'] === 'string' && event.body['reason'] !== '' ? `  "${event.body['reason']}"` : '';
    return `${new Date(event.at).toISOString()}  ${event.actor}  ${happening(event) ?? event.type}${reason}  (event ${event.seq})`;
  });
  return `${lines.join('\n')}\n`;
}
