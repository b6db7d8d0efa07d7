/** Lays out a graph in layers, so that it reads from what a version was made of to what it is used for. Pure. */

export interface GraphNode {
  id: string;
  layer: number;
}

export interface PlacedNode<Node extends GraphNode> {
  node: Node;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedGraph<Node extends GraphNode> {
  nodes: PlacedNode<Node>[];
  /** Paths between nodes, as SVG writes them. */
  edges: { from: string; to: string; path: string }[];
  width: number;
  height: number;
}

const [nodeWidth, nodeHeight] = [190, 46];
const [layerGap, rowGap] = [64, 14];
/** In a narrow window, layers stand below each other, with two nodes in a row. */
const narrowColumns = 2;

/** Places nodes left to right by layer, each layer in the middle of the height. Layers without nodes take no room. */
export function layoutAcross<Node extends GraphNode>(
  nodes: readonly Node[],
  edges: readonly (readonly [string, string])[],
): PlacedGraph<Node> {
  const layers = layersOf(nodes);
  const heightOf = (count: number): number => count * nodeHeight + Math.max(0, count - 1) * rowGap;
  const height = Math.max(0, ...layers.map((layer) => heightOf(layer.length)));
  const placed = layers.flatMap((layer, column) => {
    const top = (height - heightOf(layer.length)) / 2;
    return layer.map((node, row) => ({
      node,
      x: column * (nodeWidth + layerGap),
      y: top + row * (nodeHeight + rowGap),
      width: nodeWidth,
      height: nodeHeight,
    }));
  });
  const width = Math.max(0, layers.length * (nodeWidth + layerGap) - layerGap);
  return { nodes: placed, edges: pathsOf(placed, edges, acrossPath), width, height };
}

/** Places nodes top to bottom within a width. */
export function layoutDown<Node extends GraphNode>(
  nodes: readonly Node[],
  edges: readonly (readonly [string, string])[],
  width: number,
): PlacedGraph<Node> {
  let top = 0;
  const placed: PlacedNode<Node>[] = [];
  for (const layer of layersOf(nodes)) {
    const columns = Math.min(narrowColumns, layer.length);
    const own = Math.min(nodeWidth, (width - (columns - 1) * rowGap) / columns);
    const left = (width - columns * own - (columns - 1) * rowGap) / 2;
    for (const [index, node] of layer.entries()) {
      const [row, column] = [Math.floor(index / columns), index % columns];
      placed.push({
        node,
        x: left + column * (own + rowGap),
        y: top + row * (nodeHeight + rowGap),
        width: own,
        height: nodeHeight,
      });
    }
    const rows = Math.ceil(layer.length / columns);
    top += rows * nodeHeight + (rows - 1) * rowGap + layerGap / 2;
  }
  return { nodes: placed, edges: pathsOf(placed, edges, downPath), width, height: Math.max(0, top - layerGap / 2) };
}

function layersOf<Node extends GraphNode>(nodes: readonly Node[]): Node[][] {
  const layers = Map.groupBy(nodes, ({ layer }) => layer);
  return [...layers].toSorted(([a], [b]) => a - b).map(([, own]) => own);
}

function pathsOf<Node extends GraphNode>(
  placed: readonly PlacedNode<Node>[],
  edges: readonly (readonly [string, string])[],
  pathOf: (from: PlacedNode<Node>, to: PlacedNode<Node>) => string,
): PlacedGraph<Node>['edges'] {
  const byId = new Map(placed.map((one) => [one.node.id, one]));
  return edges.flatMap(([from, to]) => {
    const [start, end] = [byId.get(from), byId.get(to)];
    return start && end ? [{ from, to, path: pathOf(start, end) }] : [];
  });
}

function acrossPath<Node extends GraphNode>(from: PlacedNode<Node>, to: PlacedNode<Node>): string {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function downPath<Node extends GraphNode>(from: PlacedNode<Node>, to: PlacedNode<Node>): string {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}
