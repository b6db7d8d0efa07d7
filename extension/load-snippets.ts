import type { Version } from '../daemon/protocol/model.ts';
import { loadCodeOf } from '../daemon/shared/load-code.ts';
import { referenceTo } from '../daemon/shared/references.ts';

/** Returns Python that loads a version from the verified files of `plinth path`. Pure. */
export function snippet(version: Version): string {
  const reference = referenceTo(version.model, version.number);
  const head = `import subprocess\npath = subprocess.check_output(["plinth", "path", ${JSON.stringify(reference)}], text=True).strip()\n`;
  return head + (loadCodeOf(version) ?? '# No loader is known for this format; `path` is where its files are.\n');
}
