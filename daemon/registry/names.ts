import { RegistryError } from '../errors.ts';

const longest = 200;
const forbidden = /[\p{Cc}/\\@:]/u;

/** The model's name in NFC. Refuses what could be mistaken for a path, a reference or a control sequence. */
export function checkModelName(name: string): string {
  const normal = name.normalize('NFC').trim();
  if (normal === '' || normal === '.' || normal === '..') throw bad(`a model's name cannot be ${JSON.stringify(name)}`);
  if (normal.length > longest)
    throw bad(`a model's name has at most ${longest} characters; this one has ${normal.length}`);
  if (forbidden.test(normal))
    throw bad(`the model name ${JSON.stringify(name)} holds one of / \\ @ : or a control character`);
  return normal;
}

/** An alias: letters, digits, `_`, `-`, `.`; not a number and not the name of a stage. */
export function checkAlias(name: string, stages: readonly string[]): string {
  const plain = name.startsWith('@') ? name.slice(1) : name;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(plain)) {
    throw bad(`an alias has 1 to 100 letters, digits, _ - or . ; ${JSON.stringify(name)} does not fit`);
  }
  if (/^v?\d+$/i.test(plain) || plain.toLowerCase() === 'latest')
    throw bad(`the alias ${plain} would look like a version number`);
  if (stages.includes(plain.toLowerCase()))
    throw bad(`${plain} is a stage; promote to it instead of making it an alias`);
  return plain;
}

/** An alias that an MLflow client names: it may be called as a stage is, or be a number, which only `@` tells apart here. */
export function checkForeignAlias(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw bad(
      `Invalid alias name: ${JSON.stringify(name)} must be at most 255 letters, digits, underscores or hyphens`,
    );
  if (/^v\d+$/i.test(name) || name.toLowerCase() === 'latest')
    throw bad(`'${name}' alias name is reserved: it would look like a version`);
  return name;
}

/** A tag's key: 1 to 250 printable characters. */
export function checkTagKey(key: string): string {
  if (!/^[^\p{Cc}=]{1,250}$/u.test(key))
    throw bad(`a tag's key has 1 to 250 characters, none of them = ; ${JSON.stringify(key)} does not fit`);
  return key;
}

function bad(message: string): RegistryError {
  return new RegistryError('invalid-request', message);
}
