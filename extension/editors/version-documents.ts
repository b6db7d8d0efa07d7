import type { VersionDetail } from '../../daemon/protocol/routes/versions.ts';

const maxTensors = 1000;

/** Returns one of the texts about a version; undefined when there is no such text. Pure. */
export function textOf(detail: VersionDetail, text: string): string | undefined {
  switch (text) {
    case 'version.json':
      return json(detail);
    case 'metrics.json':
      return json(detail.version.metrics);
    case 'params.json':
      return json(detail.version.params);
    case 'facts.json':
      return json({ ...detail.facts, tensors: detail.facts.tensors.slice(0, maxTensors) });
    case 'files.json':
      return json(detail.files);
    default:
      return undefined;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, sortFields, 2)}\n`;
}

/** Sorts the fields of an object by key, so that a comparison shows only real differences. */
function sortFields(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
