/**
 * How strongly a name suggests a secret. `secret`: every value is removed. `token`: a credential, unless the value is a number, a
 * vocabulary word (`<pad>`) or code. `perhaps`: only values that look random.
 */
export type Suspicion = 'secret' | 'token' | 'perhaps';

/** Words that are searched in names. If one is found, the whole name is examined. */
export const secretWords = /pass|pwd|pw|secret|token|key|cred|auth|cookie|webhook|conn|sig|mnemonic|bearer|dsn|sas/gi;

const longest = 128;

/** Words after a secret's name that give it another meaning: `password_file`, `token_count`, `secret_santa`. */
const aside = words(
  'length len file files path dir folder field column name names id ids policy min max type types prompt enabled required dim dims size count counts rate ratio dropout embedding embeddings embed index indices idx mask masks level limit limits budget santa manager provider class loss weight weights pooling mixing mixer shift merging merge position positions level logits probs per num padding norm layer layers head heads proj projection cache callback strategy ttl expiry expires timeout usage url uri endpoint classification classifier labels label',
);

const strong = words(
  'password passwd passwort passphrase pwd pw pass passcode secret secrets apikey accesskey authkey privatekey secretkey credential credentials creds mnemonic cookie webhook bearer authorization connectionstring sastoken passwords',
);
/** Words before `key` that make it a secret. */
const keys = words(
  'api access private secret auth account shared encryption encrypt decryption signing sign master service license storage subscription app application consumer client admin webhook session deploy deployment write ssh gpg pgp aes hmac jwt cipher root wandb openai anthropic comet neptune hf huggingface aws azure gcp google stripe sendgrid mailgun twilio datadog sentry clearml mlflow kaggle github gitlab dagshub roboflow replicate cohere mistral',
);
/** Words before `token` that mean a vocabulary or text. */
const spoken = words(
  'pad bos eos unk mask sep cls image video audio start end stop special begin prefix suffix decoder encoder next prev previous prompt placeholder initializer trigger class blank word delimiter oov newline tool boi eoi boa eoa bov eov sot eot sos eor fim middle user assistant system latent time last first max min num patch query text vision visual speech new sub modifier instance lang language tgt src target source forced empty split eou eoh bot think box point ref separator whitespace sentence sample control reserved extra dist distill register learnable global chat turn',
);
/** Words before `pass` that mean a pass over data or through a filter. */
const passes = words(
  'single two one multi n num max forward backward first second third low high band all by per epoch full dry each this last final train',
);
/** Names that are secrets only sometimes. */
const many = words('tokens keys auth cookies dsn sig signature sas');
/** Suffixes that do not change a name's meaning. */
const trailing =
  /^(?:\d+|old|new|prod|production|dev|test|staging|value|string|text|str|hex|b64|base64|default|raw|plain|current)$/;
const negated = words('no ask use with without skip need needs has is allow require requires show hide num max min n');

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Returns how strongly a name suggests a secret; undefined for not at all. Takes bounded time. */
export function suspicionOf(name: string): Suspicion | undefined {
  if (name.length > longest) return undefined;
  const all = wordsOf(name);
  if (/\bconn(?:ection)? str(?:ing)?\b/.test(all.join(' '))) return 'secret';
  while (all.length > 1 && trailing.test(all.at(-1) ?? '')) all.pop();
  const last = all.at(-1) ?? '';
  if (all.length > 1 && negated.has(all[0] ?? '') && last !== 'key') return undefined;
  if (last === 'key') return suspicionOfKey(all);
  if (last === 'token') return spoken.has(all.at(-2) ?? '') ? 'perhaps' : 'token';
  if (many.has(last)) return 'perhaps';
  if (last === 'pass') return all.length > 1 && passes.has(all.at(-2) ?? '') ? undefined : 'secret';
  if (last === 'webhook' || (last === 'url' && all.at(-2) === 'webhook')) return 'secret';
  if (aside.has(last)) return undefined;
  if (strong.has(last)) return 'secret';
  return ofWhatComesBefore(all);
}

function suspicionOfKey(all: readonly string[]): Suspicion | undefined {
  const before = all.at(-2);
  if (before === undefined) return 'perhaps';
  return keys.has(before) || strong.has(before) ? 'secret' : undefined;
}

/** Recognises a secret's name with a suffix of the user's: `password_primary`, `AWS_SECRET_ACCESS_KEY_EU`. */
function ofWhatComesBefore(all: readonly string[]): Suspicion | undefined {
  const isKey = all.some((word, index) => word === 'key' && keys.has(all[index - 1] ?? ''));
  const certain = ['password', 'passwd', 'passphrase', 'apikey', 'credentials'];
  return isKey || all.some((word) => certain.includes(word)) ? 'secret' : undefined;
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/([A-Za-z])(\d+)$/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
    .flatMap(splitCompound);
}

const owners =
  /^(?:db|my|sql|user|admin|root|auth|api|access|refresh|bearer|id|session|client|app|hf|gh|git|hub|lab|sas|csrf|o|jwt|personal|deploy|bot|shared|smtp|mail|ssh|pg|redis|ftp|ldap|key|store|trust|super|os|svc|service){1,4}$/;

/** Splits compound words: `apikey`, `authtoken`, `dbpassword`. */
function splitCompound(word: string): string[] {
  const match = /^(.{2,})(password|passwd|passphrase|secret|token|key|credentials)$/.exec(word);
  if (!match) return [word];
  const [, before = '', after = ''] = match;
  if (after === 'key') return keys.has(before) ? [before, after] : [word];
  return owners.test(before) ? [before, after] : [word];
}

/** Returns true for 32 hex digits or more, or letters and digits mixed as in no word. False for a UUID or a named digest. */
export function looksRandom(value: string): boolean {
  if (value.length < 20 || value.length > 4000 || !/^[\w+/=.~:@!$%^&*#-]+$/.test(value)) return false;
  if (/^(?:sha\d+|md5|blake\w+)[:~-]/i.test(value)) return false;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return false;
  if (/^[0-9a-f]{32,}$/i.test(value)) return true;
  if (!/\d/.test(value) || !/[a-z]/i.test(value) || /^(?:\.{0,2}\/|~\/|[a-z]+:\/\/)/i.test(value)) return false;
  let changes = 0;
  for (let at = 1; at < value.length; at += 1) if (kindOf(value[at]!) !== kindOf(value[at - 1]!)) changes += 1;
  return changes / value.length > 0.4;
}

function kindOf(letter: string): number {
  if (letter >= '0' && letter <= '9') return 0;
  if (letter >= 'a' && letter <= 'z') return 1;
  return letter >= 'A' && letter <= 'Z' ? 2 : 3;
}
