import { scheme } from './find-uris.ts';
import type { PathReference } from './reference.ts';

/** Functions that load a model from the path they are given, by their last name. */
const call =
  /\b(load|from_pretrained|InferenceSession|Booster|load_model|load_file|safe_open|load_from_checkpoint|load_learner|SentenceTransformer|read_model|Llama|YOLO)\s{0,20}\(/g;
/** `load` is everybody's word: these modules load models with it. */
const modules =
  /\b(?:torch|joblib|jit|pickle|cloudpickle|dill|io|sio|onnx|np|numpy|spacy|skops|sklearn|mlflow\.\w+)\.$/;
const first = /^\s{0,200}(?:\w{1,40}\s{0,5}=\s{0,5})?(?:(?:open|Path|str)\(\s{0,20})?[rR]?(["'])([^"'\n\r]{1,500})\1/;
const named =
  /\b(?:model_file|model_path|checkpoint_path|pretrained_model_name_or_path|path_or_bytes|fname|filename|f)\s{0,5}=\s{0,5}[rR]?(["'])([^"'\n\r]{1,500})\1/;
const maxArgumentsLength = 600;
/** A text with more calls is no code of a person's. */
const maxTried = 20_000;

/** The paths that Python code loads models from, in order, at most `most`. Pure. */
export function findPaths(text: string, most: number): PathReference[] {
  const found: PathReference[] = [];
  let tried = 0;
  for (const match of text.matchAll(call)) {
    tried += 1;
    if (found.length >= most || tried > maxTried) break;
    const name = match[1] ?? '';
    if (name === 'load' && !modules.test(text.slice(Math.max(0, match.index - 60), match.index))) continue;
    const reference = argumentAt(text, match.index + match[0].length, name === 'Booster');
    if (reference) found.push(reference);
  }
  return found;
}

function argumentAt(text: string, at: number, onlyNamed: boolean): PathReference | undefined {
  const given = text.slice(at, at + maxArgumentsLength);
  const match = (onlyNamed ? null : first.exec(given)) ?? named.exec(upToItsEnd(given));
  const path = match?.[2];
  if (!match || path === undefined || path.startsWith(scheme) || /[{}$\0]|:\/\//.test(path)) return undefined;
  const start = at + match.index + match[0].length - 1 - path.length;
  return { form: 'path', start, end: start + path.length, path };
}

/** The arguments of this call, not of the next. */
function upToItsEnd(given: string): string {
  let depth = 0;
  for (let at = 0; at < given.length; at += 1) {
    if (given[at] === '(') depth += 1;
    if (given[at] === ')' && depth-- === 0) return given.slice(0, at);
  }
  return given;
}
