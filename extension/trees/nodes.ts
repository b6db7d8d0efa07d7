import type { ThinEvent } from '../../daemon/protocol/events.ts';
import type {
  Artifact,
  LinkedFolder,
  ManifestFile,
  Model,
  Pointer,
  Root,
  Run,
  Version,
} from '../../daemon/protocol/model.ts';

/** What a row is about. */
export type Subject =
  | { kind: 'model'; model: Model }
  | { kind: 'pointer'; model: string; pointer: Pointer }
  | { kind: 'version'; version: Version }
  | { kind: 'candidate'; artifact: Artifact }
  | { kind: 'more'; model: string }
  | { kind: 'fact'; text: string }
  | { kind: 'files'; version: Version }
  | { kind: 'lineage'; version: Version }
  | { kind: 'file'; version: Version; file: ManifestFile }
  | { kind: 'event'; event: ThinEvent }
  | { kind: 'root'; root: Root }
  | { kind: 'link'; link: LinkedFolder }
  | { kind: 'run'; run: Run }
  /** A save of a run that became this version: `churn@7`. */
  | { kind: 'saved'; version: string }
  /** A checkpoint that is not a version, and better than the version. */
  | { kind: 'better'; path: string }
  | { kind: 'compared'; reference: string; baseline: boolean }
  | { kind: 'service' };

/** One row: plain data, drawn by a view. */
export interface Node {
  id: string;
  label: string;
  description: string;
  /** A codicon's name. */
  icon: string;
  /** Theme colour of the icon, when it means something. */
  colour?: string;
  /** Lines of plain text, without Markdown. */
  tooltip: string;
  /** For `when` clauses of menus. */
  context: string;
  subject: Subject;
  /** Absent for a row without children; null when they have to be read first. Created when first accessed (see `parent`). */
  children?: Node[] | null;
  /** True when it is expanded at first. */
  open?: boolean;
}

/** Second argument of a command that opens a page for a look, as a click on a row does. */
export const asPreview = 'preview';

/** Makes a row that only shows text. */
export function leaf(id: string, label: string, description: string, icon = 'dash'): Node {
  const text = `${label} ${description}`.trim();
  return { id, label, description, icon, tooltip: text, context: 'fact', subject: { kind: 'fact', text } };
}

/** Returns the row with children that are created when first accessed, since most rows of a large tree stay closed. */
export function parent(row: Node, make: () => Node[]): Node {
  let made: Node[] | undefined;
  return Object.defineProperty(row, 'children', { enumerable: true, get: () => (made ??= make()) });
}

/** Makes a row that groups others. */
export function group(id: string, label: string, icon: string, children: Node[], open = false): Node {
  return { ...leaf(id, label, String(children.length), icon), context: 'group', children, open };
}

/** Makes the argument of a command that was not called on a row. */
export function nodeOf(subject: Subject): Node {
  return { id: '', label: '', description: '', icon: '', tooltip: '', context: '', subject };
}

/** Returns the last part of a path with slashes or backslashes. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
