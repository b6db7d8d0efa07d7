import * as vscode from 'vscode';
import type { Client } from '../../daemon/clients/client/request.ts';
import { openPage } from '../panels/open-page.ts';
import type { Extension } from '../context.ts';
import type { PageLocation } from '../../webview/protocol.ts';
import type { PlinthApi, PlinthChange, PlinthExtension, PlinthPage } from './plinth.d.ts';

const versions = [1];

/** Creates what other extensions get from `activate`: a read-only API by its version (docs/extension-api.md). */
export function createExports(extension: Extension): PlinthExtension & vscode.Disposable {
  const changes = new vscode.EventEmitter<PlinthChange>();
  const parts = vscode.Disposable.from(changes, ...watchChanges(extension, (model) => changes.fire({ model })));
  const api = createApi(extension, changes.event);
  return {
    getApi: (version) => {
      if (versions.includes(version)) return api;
      throw new Error(
        vscode.l10n.t('The installed extension Plinth has no API of version {0}; it has version 1.', String(version)),
      );
    },
    dispose: () => parts.dispose(),
  };
}

function watchChanges({ service }: Extension, changed: (model: string | undefined) => void): vscode.Disposable[] {
  let { phase } = service.mirror;
  return [
    service.onMessage((message) => {
      if (message.kind === 'resync') changed(undefined);
      if (message.kind === 'event' && message.event.model !== null) changed(message.event.model);
    }),
    service.onChange((mirror) => {
      const isNew = (mirror.phase === 'running') !== (phase === 'running');
      phase = mirror.phase;
      if (isNew) changed(undefined);
    }),
  ];
}

/** All calls of one window go through its connection. None starts a service, since no person asked for it. */
function createApi(extension: Extension, onDidChange: vscode.Event<PlinthChange>): PlinthApi {
  const { service } = extension;
  const reading = async <T>(
    read: (client: Client, from: typeof import('./read-registry.ts')) => Promise<T>,
  ): Promise<T> => {
    const from = await import('./read-registry.ts');
    await service.whenKnown();
    return service.callInBackground((client) => read(client, from));
  };
  return {
    version: 1,
    onDidChange,
    get isConnected() {
      return service.mirror.phase === 'running';
    },
    getModels: () => reading((client, from) => from.listModels(client)),
    getVersions: (model) => reading((client, from) => from.listVersions(client, text(model))),
    resolve: (reference) => reading((client, from) => from.resolveVersion(client, text(reference))),
    getFiles: (reference) =>
      reading((client, from) => from.readFiles(client, text(reference), (detail) => service.placeFiles(detail))),
    compare: (references) => reading((client, from) => from.compareVersions(client, several(references))),
    openPage: (page) =>
      // Only where a service runs, because a page that opens without one starts it.
      reading((_client, { partsOf }) => Promise.resolve(openPage(extension, locationOf(page, partsOf)))),
  };
}

function locationOf(page: PlinthPage, partsOf: (text: string) => { model: string; version: string }): PageLocation {
  switch (page.page) {
    case 'model':
      return { page: 'model', model: text(page.model) };
    case 'version':
    case 'lineage':
      return { page: page.page, ...partsOf(text(page.reference)) };
    case 'comparison':
      return { page: 'compare', versions: [...several(page.references)] };
    default:
      throw new Error(vscode.l10n.t('There is no such page.'));
  }
}

/** Callers may be JavaScript: what is no text is refused here, before it reaches a request. */
function text(given: unknown): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new Error(vscode.l10n.t('Give a reference such as churn@7, or the name of a model.'));
}

function several(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length >= 2) return given.map(text);
  throw new Error(vscode.l10n.t('Give at least two references to compare.'));
}
