import { walkMessage } from '../../../formats/containers/protobuf.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { ByteWindow } from '../../../formats/window.ts';
import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

/** False for files of SavedModel folders, which have the same ending. */
const isGraphName = (name: string): boolean => !/^(saved_model|fingerprint|keras_metadata)\.pb$/i.test(name);
const endings = [{ ending: '.pb', loadRank: 12, mayBeModel: isGraphName }];
const maxNodes = 1_000_000;

/** Graphs of TensorFlow 1 with variables frozen to constants. Source: tensorflow/core/framework/graph.proto. */
export const tensorflowGraph: Recogniser = {
  name: 'tensorflow-graph',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const { nodes, constants, inputs, isGraph } = readGraph(source);
      if (!isGraph || constants === 0) return { state: 'foreign', reason: 'It is not a frozen graph of TensorFlow.' };
      const metadata = { read: 'by header only', nodes, constants, inputs };
      return { state: 'unmarked', facts: modelFacts({ framework: 'tensorflow', format: 'frozen graph', metadata }) };
    });
  },
};

interface Graph {
  nodes: number;
  constants: number;
  inputs: string[];
  isGraph: boolean;
}

/** Reads a GraphDef. Every field must be one of the message, and every node must have a name and an operation. */
function readGraph(source: Source): Graph {
  const bytes = new ByteWindow(source, 4096);
  const graph: Graph = { nodes: 0, constants: 0, inputs: [], isGraph: true };
  walkMessage(bytes, 0, source.size, (field, wire, from, to) => {
    graph.isGraph &&= field <= 5 && (field === 3 ? wire === 0 : wire === 2);
    if (!graph.isGraph) throw new FormatError('malformed', 'It is not a frozen graph of TensorFlow.');
    if (field !== 1) return;
    if ((graph.nodes += 1) > maxNodes) throw new FormatError('unsupported', 'The graph has too many nodes.');
    const { name, operation } = readNode(bytes, from, to);
    graph.isGraph &&= name !== '' && /^\w+$/.test(operation);
    if (operation === 'Const') graph.constants += 1;
    if (operation === 'Placeholder' && graph.inputs.length < 100) graph.inputs.push(name.slice(0, 200));
  });
  return graph;
}

function readNode(bytes: ByteWindow, from: number, to: number): { name: string; operation: string } {
  const node = { name: '', operation: '' };
  walkMessage(bytes, from, to, (field, wire, start, end) => {
    if (wire !== 2 || end - start > 1000) return;
    if (field === 1) node.name = bytes.text(start, end - start);
    else if (field === 2) node.operation = bytes.text(start, end - start);
  });
  return node;
}
