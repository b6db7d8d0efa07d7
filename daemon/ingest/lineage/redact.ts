/** Takes secrets out of what is kept of a run: by the name that stands before them, and by their shape. */

const hidden = '[redacted]';

const secretName = String.raw`[\w.-]*(?:passw(?:or)?d|passphrase|secrets?(?![a-z])|token(?![a-z])|api[_-]?key|access[_-]?key|private[_-]?key|credentials?(?![a-z])|auth[_-]?key|connection[_-]?string)[\w.-]*`;

/** `password=…`, `"apiKey": "…"`, `--token …`, `export SECRET='…'`. */
const named = new RegExp(
  String.raw`(${secretName}["']?\s*(?:=>|:=|[=:])\s*|--${secretName}[= ])(["']?)([^\s"',;)}\]]{3,})`,
  'gi',
);

const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{30,}\b/g,
  /\bglpat-[\w-]{16,}\b/g,
  /\bhf_[A-Za-z0-9]{30,}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\bxox[abprs]-[\w-]{10,}/g,
  /\bAIza[\w-]{35}\b/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}/g,
];

/** Credentials in a URL: `https://user:word@host`, and a bare token in the user's place. */
const inUrl = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/gi;

/** The text with every secret replaced; what is no secret stays as it is. */
export function redacted(text: string): string {
  let result = text.replaceAll(inUrl, (all, scheme: string) =>
    /^(ssh|git)/i.test(scheme) && !/:[^/]*:.*@/.test(all) ? all : scheme,
  );
  for (const shape of shapes) result = result.replaceAll(shape, hidden);
  return result.replaceAll(named, (_all, before: string, quote: string) => `${before}${quote}${hidden}`);
}

const flagWithValue = new RegExp(`^--?${secretName}$`, 'i');

/** A command line: the argument after a flag that is named like a secret is one. */
export function redactedArguments(args: readonly string[]): string[] {
  return args.map((argument, index) => (flagWithValue.test(args[index - 1] ?? '') ? hidden : redacted(argument)));
}

/** Names of files that hold nothing but secrets: they stay out of everything. */
export const secretFiles = [
  '.env',
  '.env.*',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.keystore',
  'id_rsa*',
  'id_ed25519*',
  '*.kdbx',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '*credential*',
  '*secret*',
] as const;
