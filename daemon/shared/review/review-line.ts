import * as l10n from '@vscode/l10n';

/** What a line of a review says, for a shape and a colour. */
export type ReviewSign = 'passed' | 'failed' | 'skipped' | 'better' | 'worse' | 'within-noise' | 'effect';

/** An act that may mend what a line complains about. */
export type ReviewAct = 'edit-card' | 'edit-tags' | 'request-approval' | 'run-gates' | 'trust-policy';

/** One line of a review, the same on every surface. */
export interface ReviewLine {
  sign: ReviewSign;
  text: string;
  /** What explains the text; empty for nothing. */
  detail: string;
  act?: ReviewAct;
}

/** The references of a workspace that load something, and the files with them. */
export interface Loaders {
  references: number;
  files: readonly string[];
}

const maxNamed = 3;

/** Formats who loads something: `2 references in 2 files load churn@production` with the files; undefined for nobody. */
export function loadersLine(what: string, { references, files }: Loaders): ReviewLine | undefined {
  if (references === 0) return undefined;
  const named = files.slice(0, maxNamed).join(', ') + (files.length > maxNamed ? ', …' : '');
  return { sign: 'effect', text: loadersText(what, references, files.length), detail: named };
}

function loadersText(what: string, references: number, files: number): string {
  if (references === 1) return l10n.t('1 reference in this workspace loads {0}', what);
  if (files === 1) return l10n.t('{0} references in 1 file load {1}', references, what);
  return l10n.t('{0} references in {1} files load {2}', references, files, what);
}

/** Makes a line that says what an act changes. */
export function effectLine(text: string, detail = ''): ReviewLine {
  return { sign: 'effect', text, detail };
}
