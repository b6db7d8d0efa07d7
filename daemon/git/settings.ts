/** Settings of git that decide how bytes are compared; none names a program. */

/** Values by name in lower case (subsections as written). The last value counts. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Parses the output of `git config --list -z`. */
export function parseSettings(listed: string): Settings {
  const settings = new Map<string, string[]>();
  for (const entry of listed.split('\0').filter((one) => one !== '')) {
    const end = entry.indexOf('\n');
    const [name, value] = end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
    settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

export function lastOf(settings: Settings, name: string): string | undefined {
  return settings.get(name)?.at(-1);
}

const switches = ['filemode', 'ignorecase', 'symlinks', 'precomposeunicode', 'trustctime'];
const chosen: Record<string, RegExp> = {
  autocrlf: /^(input)$/i,
  eol: /^(lf|crlf|native)$/i,
  checkstat: /^(default|minimal)$/i,
};

/** Returns the settings for comparing, in which the repository's override the user's. Only values of a known form are accepted. */
export function comparingSettings(repository: Settings, user: Settings): string[] {
  const value = (name: string): string | undefined => lastOf(repository, name) ?? lastOf(user, name);
  const on = switches.map((name) => [name, asSwitch(value(`core.${name}`))] as const);
  const among = Object.entries(chosen).map(([name, form]) => {
    const text = value(`core.${name}`);
    return [name, text !== undefined && form.test(text) ? text : undefined] as const;
  });
  const crlf = ['autocrlf', asSwitch(value('core.autocrlf'))] as const;
  const files = ['attributesfile', 'excludesfile'].map((name) => {
    const path = lastOf(user, `core.${name}`);
    return [name, path === undefined ? undefined : quoted(path)] as const;
  });
  return [...on, ...among, crlf, ...files].flatMap(([name, text]) => (text === undefined ? [] : `${name} = ${text}`));
}

export function asSwitch(text: string | undefined): 'true' | 'false' | undefined {
  if (text === undefined) return undefined;
  if (/^(true|yes|on|[1-9]\d*)$/i.test(text)) return 'true';
  return /^(false|no|off|0|)$/i.test(text) ? 'false' : undefined;
}

/** Quotes a value for git's configuration. */
export function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`;
}

/** Returns the names of filters that are programs. */
export function filterPrograms(...all: readonly Settings[]): Set<string> {
  const names = all.flatMap((settings) => [...settings.keys()]);
  return new Set(names.flatMap((name) => /^filter\.([\s\S]*)\.(?:clean|process)$/.exec(name)?.[1] ?? []));
}

export function includesOthers(settings: Settings): boolean {
  return [...settings.keys()].some((name) => /^include(if\..*)?\.path$/s.test(name));
}
