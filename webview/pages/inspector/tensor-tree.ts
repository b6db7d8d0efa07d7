import type { Tensor } from '../../../daemon/protocol/artifact.ts';
import { byText } from '../../../daemon/shared/text-order.ts';

/** Groups tensors by the parts of their names, and lays them out. Pure. */

export interface TensorNode {
  /** Its part of the name; of parents with one child, the parts of both. */
  name: string;
  /** The whole name. */
  path: string;
  children: TensorNode[];
  /** The tensor itself; null for a group. */
  tensor: Tensor | null;
  tensors: number;
  elements: number;
  bytes: number;
  /** Elements by type. */
  types: ReadonlyMap<string, number>;
}

/** Returns how many elements a shape has. */
export function elementsOf({ shape }: Pick<Tensor, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

interface Branch {
  branches: Map<string, Branch>;
  tensor: Tensor | null;
}

/** Returns the tree of some tensors. Names are split at dots and slashes. */
export function tensorTree(tensors: readonly Tensor[]): TensorNode {
  const root: Branch = { branches: new Map(), tensor: null };
  for (const tensor of tensors) {
    let at = root;
    for (const part of tensor.name.split(/[./]/)) {
      const next = at.branches.get(part) ?? { branches: new Map(), tensor: null };
      at.branches.set(part, next);
      at = next;
    }
    at.tensor = tensor;
  }
  return nodeOf('', '', root);
}

function nodeOf(name: string, path: string, branch: Branch): TensorNode {
  const only =
    branch.tensor === null && branch.branches.size === 1 && path !== '' ? [...branch.branches][0] : undefined;
  if (only) return nodeOf(`${name}.${only[0]}`, `${path}.${only[0]}`, only[1]);
  const children = [...branch.branches].map(([part, one]) => nodeOf(part, path === '' ? part : `${path}.${part}`, one));
  const own = branch.tensor ? elementsOf(branch.tensor) : 0;
  const types = new Map<string, number>();
  if (branch.tensor) types.set(branch.tensor.dtype, own);
  for (const child of children)
    for (const [type, elements] of child.types) types.set(type, (types.get(type) ?? 0) + elements);
  const sum = (of: (child: TensorNode) => number): number => children.reduce((total, child) => total + of(child), 0);
  return {
    name,
    path,
    children,
    tensor: branch.tensor,
    tensors: sum((child) => child.tensors) + (branch.tensor ? 1 : 0),
    elements: sum((child) => child.elements) + own,
    bytes: sum((child) => child.bytes) + (branch.tensor?.bytes ?? 0),
    types,
  };
}

export type TreeOrder = 'file' | 'name' | 'elements' | 'bytes';

export interface TreeRow {
  node: TensorNode;
  depth: number;
  isOpen: boolean;
}

/** Returns the rows of a tree whose open groups are given by path; of a filtered tree all tensors that are wanted, without groups. */
export function treeRows(
  root: TensorNode,
  open: ReadonlySet<string>,
  order: TreeOrder,
  isWanted: ((path: string, name: string) => boolean) | null,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (node: TensorNode, depth: number): void => {
    const isOpen = open.has(node.path);
    if (isWanted === null || (node.tensor && isWanted(node.path, node.tensor.name))) rows.push({ node, depth, isOpen });
    if (isWanted === null && !isOpen) return;
    for (const child of ordered(node.children, order)) add(child, isWanted === null ? depth + 1 : 0);
  };
  for (const child of ordered(root.children, order)) add(child, 0);
  return rows;
}

function ordered(children: readonly TensorNode[], order: TreeOrder): readonly TensorNode[] {
  if (order === 'file') return children;
  if (order === 'name') return children.toSorted((a, b) => byText(a.name, b.name));
  return children.toSorted((a, b) => b[order] - a[order]);
}

/** Returns the groups that are open at first: as many levels as have no more rows than `most`. */
export function usuallyOpen(root: TensorNode, most: number): Set<string> {
  const open = new Set<string>();
  let level = root.children;
  let count = level.length;
  while (level.length > 0) {
    const next = level.flatMap(({ children }) => children);
    count += next.length;
    if (count > most) return open;
    for (const { path, children } of level) if (children.length > 0) open.add(path);
    level = next;
  }
  return open;
}

export interface IcicleBox {
  node: TensorNode;
  depth: number;
  x: number;
  width: number;
}

const minWidth = 1.5;

/** Returns the boxes of an icicle: each as wide as its share of all elements, below its parent. Those too narrow to be seen are left out. */
export function icicle(root: TensorNode, width: number, maxDepth: number): IcicleBox[] {
  const boxes: IcicleBox[] = [];
  const add = (node: TensorNode, depth: number, x: number, own: number): void => {
    if (own < minWidth || depth >= maxDepth) return;
    boxes.push({ node, depth, x, width: own });
    let at = x;
    for (const child of node.children) {
      const part = node.elements === 0 ? 0 : (child.elements / node.elements) * own;
      add(child, depth + 1, at, part);
      at += part;
    }
  };
  add(root, 0, 0, width);
  return boxes;
}

/** Returns the node of a path; the root if there is none. */
export function nodeAt(root: TensorNode, path: string): TensorNode {
  const find = (node: TensorNode): TensorNode | undefined => {
    if (node.path === path) return node;
    for (const child of node.children) {
      const found = child.path === path || path.startsWith(`${child.path}.`) ? find(child) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  return path === '' ? root : (find(root) ?? root);
}
