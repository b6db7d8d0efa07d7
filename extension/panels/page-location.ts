import * as vscode from 'vscode';
import type { LinkedLook, PageLocation } from '../../webview/protocol.ts';
import { isObject } from '../../daemon/protocol/json.ts';
import { referenceTo } from '../../daemon/shared/references.ts';

export function titleOf(pageLocation: PageLocation): string {
  switch (pageLocation.page) {
    case 'models':
      return vscode.l10n.t('Models');
    case 'runs':
      return vscode.l10n.t('Runs');
    case 'compare':
      return comparisonTitle(pageLocation.versions);
    case 'version':
      return referenceTo(pageLocation.model, pageLocation.version);
    case 'model':
      return pageLocation.model;
    case 'history':
      return vscode.l10n.t('History of {0}', pageLocation.model);
    case 'lineage':
      return vscode.l10n.t('Lineage of {0}', referenceTo(pageLocation.model, pageLocation.version));
    case 'run':
      return vscode.l10n.t('Run {0}', pageLocation.run.slice(0, 8));
    case 'inspect':
      return pageLocation.path.slice(pageLocation.path.lastIndexOf('/') + 1);
  }
}

/** Two versions are named; of more, the first and how many others. */
function comparisonTitle([first = '', second = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `${first} ↔ ${second}` : vscode.l10n.t('{0} ↔ {1} others', first, others.length + 1);
}

/** Returns path and query of a link that opens a page: `/open?model=churn&version=7`, or `/open?place=…`. */
export function linkPath(pageLocation: PageLocation): string {
  const query =
    pageLocation.page === 'version'
      ? { model: pageLocation.model, version: pageLocation.version }
      : { place: JSON.stringify(pageLocation) };
  return `/open?${new URLSearchParams(query).toString()}`;
}

/** Returns the comparison that a link names; undefined for other links. What it says is checked where it is read. */
export function comparisonInLink(place: string | null): PageLocation | undefined {
  try {
    const found: unknown = JSON.parse(place ?? 'null');
    if (!isObject(found) || found['page'] !== 'compare' || !Array.isArray(found['versions'])) return undefined;
    const versions = found['versions'].filter((one) => typeof one === 'string');
    const look = isObject(found['look']) ? (found['look'] as LinkedLook) : {};
    return { page: 'compare', versions, look };
  } catch {
    return undefined;
  }
}
