import type { VersionRow } from '../../../db/versions.ts';

/** The folder of the artifact store below which the bytes of versions stand, read-only. */
export const versionsFolder = 'versions';

/** Where a version's own bytes are, which never change. */
export function downloadUriOf({ model, number }: Pick<VersionRow, 'model' | 'number'>): string {
  return `mlflow-artifacts:/${versionsFolder}/${model}/${number}`;
}
