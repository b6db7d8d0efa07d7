import { looksRandom, suspicionOf, type Suspicion } from './names.ts';

const nothing = /^(?:true|false|null|none|nil|yes|no|on|off|undefined|nan|~|[*x•.\-_]+)?$/i;
const reference =
  /^(?:\$\{\{? *[\w.:]+ *\}?\}|\$[A-Z_]{3,}|%[A-Z_]+%|\{\{[\w.| ]+\}\}|(?:Bearer |Basic |token )?(?:\$?\{[\w.()]+\}|%s|\$[A-Z_]{3,}))$/;
const vocabulary = /^(?:[-+]?[\d.,]{1,12}(?:e[-+]?\d+)?|<[^<>]{1,40}>|\[[A-Za-z_\d]{1,30}\]|.{0,2})$/i;

/** Returns true if a value is a secret, by the suspicion of its name. */
export function isSecret(value: string, suspicion: Suspicion): boolean {
  if (value.length <= 200 && (nothing.test(value) || reference.test(value))) return false;
  if (suspicion === 'perhaps') return looksRandom(value);
  return suspicion === 'secret' || value.length > 200 || !vocabulary.test(value);
}

const type =
  /^(?:Optional\[)?(?:str|bytes|string|String|int|float|bool|SecretStr|Any|object|torch\.Tensor|Tensor|nn\.Module)\]?(?: *\| *None)?(?: *[,;)=].*)?$/;
const ending = String.raw`[\s,;:)\]}]*(?:#.*|\/\/.*)?$`;
const known = new RegExp(
  String.raw`^(?:await )?(?:os|self|cls|args|cfg|config|conf|opt|opts|options|hparams|settings|env|process|secrets|flags|FLAGS|params|kwargs|getpass|getenv|input|keyring|userdata)\b[\w.]*(?:\[["'\\]{0,2}[\w.-]+["'\\]{0,2}\])*(?:\((?:["'\\]{0,2}[\w.:? -]*["'\\]{0,2})?\))?(?:\.\w+(?:\(\))?)?${ending}`,
);
const attribute = new RegExp(String.raw`^[a-z_]\w*(?:\.[a-z_]\w*)+${ending}`);
const expression = new RegExp(
  String.raw`^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[([](?:["'][\w.-]*["'][)\]])?[\w.()[\]:, =+*/<>-]*(?:#.*)?$`,
);
const word = new RegExp(String.raw`^([a-z_][a-z_A-Z]*)${ending}`);
const longest = 300;

/** Returns true if the text after an equals sign is code that refers to a value, not the value itself. */
export function isCode(written: string, suspicion: Suspicion, isSpaced: boolean): boolean {
  if (written.length > longest) return false;
  const value = withoutEscapes(written);
  if (type.test(value) || known.test(value)) return true;
  const name = word.exec(value)?.[1];
  if (name !== undefined) return /[a-z]_[a-z]|^token$|^password$|^key$/.test(name) && suspicionOf(name) !== undefined;
  if (!isSpaced || value.split(/[^\w+/=-]+/).some((piece) => looksRandom(piece))) return false;
  if (attribute.test(value)) return suspicion !== 'secret' || suspicionOf(value.replace(/\W+$/, '')) !== undefined;
  const head = expression.exec(value)?.[1];
  return head !== undefined && (suspicion !== 'secret' || /^[a-z]+[._]/.test(head));
}

/**
 * Removes the escapes of a line of code in JSON, as in a notebook: `\"` for `"`, and a final `
 * `.
 */
export function withoutEscapes(value: string): string {
  return value.replace(/\\n["',]*\s*$/, '').replaceAll(String.raw`\"`, '"');
}
