import { findLoadCalls } from '../../../shared/load-code.ts';
import { scheme } from './find-uris.ts';
import type { PathReference } from './reference.ts';

const first = /^\s{0,200}(?:\w{1,40}\s{0,5}=\s{0,5})?(?:(?:open|Path|str)\(\s{0,20})?[rR]?(["'])([^"'\n\r]{1,500})\1/;
const named =
  /\b(?:model_file|model_path|checkpoint_path|pretrained_model_name_or_path|path_or_bytes|fname|filename|f)\s{0,5}=\s{0,5}[rR]?(["'])([^"'\n\r]{1,500})\1/;
const maxArgumentsLength = 600;

/** Returns at most `most` paths from which Python code loads models, in order. Pure. */
export function findPaths(text: string, most: number): PathReference[] {
  const found: PathReference[] = [];
  for (const { name, end } of findLoadCalls(text)) {
    if (found.length >= most) break;
    const reference = argumentAt(text, end, name === 'Booster');
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

/** Returns the arguments of this call, without those of the next. */
function upToItsEnd(given: string): string {
  let depth = 0;
  for (let at = 0; at < given.length; at += 1) {
    if (given[at] === '(') depth += 1;
    if (given[at] === ')' && depth-- === 0) return given.slice(0, at);
  }
  return given;
}
