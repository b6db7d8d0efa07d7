import type { Source } from '../../../formats/source.ts';
import type { FileGroup, Folder, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';

const endings = [{ ending: '.xml', loadRank: 12, byContent: true as const }];
const headBytes = 4096;
const maxXmlBytes = 64 << 20;

/** OpenVINO's intermediate representation: a network in XML, its weights in a `.bin` of the same stem. Source: openvino, docs on the IR format. */
export const openvino: Recogniser = {
  name: 'openvino',
  endings,
  findGroups: (folder) => [...folder.files].filter((name) => isPair(folder, name)).map(pairOf),
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined || source.size === 0)
      return { state: 'partial', reason: `${group.primary} is empty or cannot be read.` };
    const version = openvinoVersion(source);
    if (version === undefined) return { state: 'foreign', reason: 'It is not a network of OpenVINO.' };
    const text = Buffer.from(source.read(0, Math.min(source.size, maxXmlBytes))).toString('utf8');
    if (source.size <= maxXmlBytes && !/<\/net>\s*$/.test(text))
      return { state: 'partial', reason: `${group.primary} is not complete.` };
    const weights = weightsOf(group.primary);
    const needed = neededBytes(text);
    const size = open(weights)?.size;
    const named = needed > 0 ? [weights] : [];
    if (needed > 0 && (size === undefined || size < needed)) {
      const reason =
        size === undefined
          ? `${weights}, which contains its weights, is missing.`
          : `${weights} has ${size} of its ${needed} bytes.`;
      return { state: 'partial', reason, named };
    }
    const metadata = { read: 'by header only', irVersion: Number(version) };
    return { state: 'unmarked', facts: modelFacts({ framework: 'openvino', format: 'openvino ir', metadata }), named };
  },
};

function isPair(folder: Folder, name: string): boolean {
  return /\.xml$/i.test(name) && !name.startsWith('.') && folder.files.has(weightsOf(name));
}

function pairOf(primary: string): FileGroup {
  return { primary, files: [primary, weightsOf(primary)].toSorted(), wholeFolder: false };
}

function weightsOf(name: string): string {
  return name.replace(/\.xml$/i, '.bin');
}

/** Returns the version of the representation; undefined for other XML. */
export function openvinoVersion(source: Source): string | undefined {
  const head = Buffer.from(source.read(0, headBytes)).toString('utf8');
  const net = /^\uFEFF?\s*(<\?xml[^>]*>\s*)?<net\s([^>]*)>/.exec(head)?.[2];
  return net === undefined ? undefined : /\bversion="(\d+)"/.exec(net)?.[1];
}

/** Returns the end of the last constant in the file of weights, in bytes. */
function neededBytes(text: string): number {
  let needed = 0;
  for (const [data] of text.matchAll(/<data\b[^>]*\boffset="\d+"[^>]*>/g)) {
    const offset = Number(/\boffset="(\d+)"/.exec(data)?.[1]);
    const size = Number(/\bsize="(\d+)"/.exec(data)?.[1] ?? 0);
    if (Number.isSafeInteger(offset + size)) needed = Math.max(needed, offset + size);
  }
  return needed;
}
