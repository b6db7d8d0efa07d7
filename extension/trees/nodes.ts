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

/** The thing that a row stands for. */
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
  /** A checkpoint that is no version and better than one. */
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
  /** Theme colour of the icon, where it says something. */
  colour?: string;
  /** Plain lines; nothing in them is Markdown. */
  tooltip: string;
  /** For `when` clauses of menus. */
  context: string;
  subject: Subject;
  /** Absent for a leaf; null when they have to be asked for. Made when they are first read: see `parent`. */
  children?: Node[] | null;
  /** Expanded at first. */
  open?: boolean;
}

/** A row that says something and does nothing. */
export function leaf(id: string, label: string, description: string, icon = 'dash'): Node {
  const text = `${label} ${description}`.trim();
  return { id, label, description, icon, tooltip: text, context: 'fact', subject: { kind: 'fact', text } };
}

/** The row, with children that are made when somebody looks at them: most rows of a large tree stay closed. */
export function parent(row: Node, make: () => Node[]): Node {
  let made: Node[] | undefined;
  return Object.defineProperty(row, 'children', { enumerable: true, get: () => (made ??= make()) });
}

/** A row that gathers others. */
export function group(id: string, label: string, icon: string, children: Node[], open = false): Node {
  return { ...leaf(id, label, String(children.length), icon), context: 'group', children, open };
}

/** A command's argument where no row was clicked. */
export function nodeOf(subject: Subject): Node {
  return { id: '', label: '', description: '', icon: '', tooltip: '', context: '', subject };
}

/** The last part of a path of either kind. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
