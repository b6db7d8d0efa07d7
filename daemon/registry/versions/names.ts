import { RegistryError } from '../../errors.ts';

const longest = 200;
const forbidden = /[\p{Cc}/\\@:]/u;

/** Returns a model's name in NFC. Throws for one that could be taken for a path, a reference or a control sequence. */
export function checkModelName(name: string): string {
  const normal = name.normalize('NFC').trim();
  if (normal === '' || normal === '.' || normal === '..')
    throw bad(`${JSON.stringify(name)} cannot be the name of a model.`);
  if (normal.length > longest)
    throw bad(`The name of a model has at most ${longest} characters; this one has ${normal.length}.`);
  if (forbidden.test(normal))
    throw bad(`The model name ${JSON.stringify(name)} contains one of / \\ @ : or a control character.`);
  return normal;
}

const maxForeignLength = 256;

/**
 * Returns the name that an MLflow client gives a model, in NFC and otherwise unchanged: surrounding blanks, `@` and `\\` are
 * allowed, up to 256 characters. Our references quote such a name. Throws for one that could be taken for a path or a control
 * sequence.
 */
export function checkForeignModelName(name: string): string {
  const normal = name.normalize('NFC');
  if (normal.trim() === '') throw bad("Missing value for required parameter 'name'.");
  if (/[/:]/.test(normal)) throw bad(`Invalid model name '${normal}'. Names cannot contain '/' or ':'.`);
  if (normal === '.' || normal === '..' || /\p{Cc}/u.test(normal))
    throw bad(
      `Invalid value ${JSON.stringify(normal)} for parameter 'name' supplied: Names must not resolve to other names and hold no control characters.`,
    );
  if (normal.length > maxForeignLength)
    throw bad(`'name' exceeds the maximum length of ${maxForeignLength} characters`);
  return normal;
}

/** Returns an alias: letters, digits, `_`, `-`, `.`; no number and no stage. Throws for others. */
export function checkAlias(name: string, stages: readonly string[]): string {
  const plain = name.startsWith('@') ? name.slice(1) : name;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(plain)) {
    throw bad(
      `${JSON.stringify(name)} is not a valid alias. An alias has 1 to 100 letters, digits, underscores, dashes or dots.`,
    );
  }
  if (/^v?\d+$/i.test(plain) || plain.toLowerCase() === 'latest')
    throw bad(`The alias ${plain} would look like a version number.`);
  if (stages.includes(plain.toLowerCase()))
    throw bad(`${plain} is a stage and cannot be an alias. Promote to the stage instead.`);
  return plain;
}

/** Returns an alias by an MLflow client, which may be a stage's name or a number; only `@` distinguishes it here. Throws for others. */
export function checkForeignAlias(name: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(name))
    throw bad(`Invalid alias name: '${name}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`);
  if (name.length > 255) throw bad("'Registered model alias name' exceeds the maximum length of 255 characters");
  if (name.toLowerCase() === 'latest') throw bad("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(name)) throw bad(`Version alias name '${name}' is reserved.`);
  return name;
}

/** Returns a tag's key: 1 to 250 printable characters. Throws for others. */
export function checkTagKey(key: string): string {
  if (!/^[^\p{Cc}=]{1,250}$/u.test(key))
    throw bad(`${JSON.stringify(key)} is not a valid tag key. A key has 1 to 250 characters and no equals sign.`);
  return key;
}

function bad(message: string): RegistryError {
  return new RegistryError('invalid-request', message);
}
