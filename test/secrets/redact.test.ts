import { expect, test } from 'vitest';
import { redacted, redactedArguments, redactedValues } from '../../daemon/secrets/redact.ts';
import { shapes } from '../../daemon/secrets/shapes.ts';
import { hex, letters, password, random, shaped, written } from './examples.ts';
import { ordinaryCommands, ordinaryLines } from './settings.ts';

const marked = '[redacted]';

test('every shape has a made-up example', () => {
  expect(Object.keys(shaped).toSorted()).toEqual(shapes.map(({ name }) => name).toSorted());
});

test.each(shapes)('a secret of the shape $name is taken out wherever it stands, and only it', ({ name, literals }) => {
  for (const literal of literals) {
    const secret = shaped[name]!(literal);
    const own = secret.replace(/^https:\/\//, '');
    for (const [before, after] of [
      ['lr 1 ', ' x'],
      ['"', '",'],
      ['+x(', ')'],
      ['a\\n', '\\n"'],
    ] as const) {
      const left = redacted(before + secret + after);
      expect(left.startsWith(before) && left.endsWith(after) && left.includes(marked)).toBe(true);
      expect(left).not.toContain(own.slice(-20));
    }
  }
});

test.each(written)('%s loses its secret', (text) => {
  const left = redacted(text);
  for (const secret of [password, random, hex(32)]) expect(left).not.toContain(secret);
  expect(left).toMatch(/\[redacted\]|:\/\/(?:[^@]*)$/);
});

test('ordinary settings stay as they are: alone, indented, in a list of JSON, in a diff', () => {
  expect(ordinaryLines.length).toBeGreaterThan(100);
  for (const line of ordinaryLines)
    for (const text of [
      line,
      `  ${line}\n`,
      JSON.stringify([`${line}\n`], null, 1),
      `diff --git a/x b/x\n@@ -1,2 +1,2 @@\n+${line}\n-${line}\n lr: 1\n`,
    ])
      expect(redacted(text)).toBe(text);
});

test('a secret of several lines keeps their number, their indentation and a diff its signs', () => {
  const key = `-----BEGIN RSA PRIVATE KEY-----\n+${letters(64)}\n+${letters(40)}\n+-----END RSA PRIVATE KEY-----`;
  const patch = `diff --git a/x b/x\n@@ -1,2 +1,9 @@\n+password: |\n+  ab ${password}\n-  ${password}\n lr: 1\n+${key}\n+end: 1\n`;
  expect(redacted(patch).split('\n')).toEqual([
    'diff --git a/x b/x',
    '@@ -1,2 +1,9 @@',
    '+password: |',
    `+  ${marked}`,
    `-  ${marked}`,
    ' lr: 1',
    ...Array.from({ length: 4 }, () => `+${marked}`),
    '+end: 1',
    '',
  ]);
});

test.each([
  ['--token', 'abc'],
  ['--password', 'correct horse'],
  ['--api-key', random],
  ['--hf_token', 'abc'],
  ['--db-pass', password],
  ['--pwd', password],
  ['--pw', password],
  ['--secret', password],
  ['-p', random],
  ['--key', random],
  ['--auth', random],
])('the argument after %s is a secret', (flag, secret) => {
  expect(redactedArguments(['python', 'train.py', flag, secret, '--lr', '0.1'])).toEqual([
    'python',
    'train.py',
    flag,
    marked,
    '--lr',
    '0.1',
  ]);
});

test.each([
  [
    ['mysql', `-p${password}`],
    ['mysql', `-p${marked}`],
  ],
  [
    ['/usr/bin/sshpass', '-p', password, 'ssh'],
    ['/usr/bin/sshpass', '-p', marked, 'ssh'],
  ],
  [
    ['docker', 'login', '-p', password],
    ['docker', 'login', '-p', marked],
  ],
  [
    ['curl', '-u', `bob:${password}`],
    ['curl', '-u', `bob:${marked}`],
  ],
  [
    ['python', 'x.py', '--user', `bob:${password}`],
    ['python', 'x.py', '--user', `bob:${marked}`],
  ],
  [
    ['train', `PASSWORD=${password}`],
    ['train', `PASSWORD=${marked}`],
  ],
  [
    ['train', `--token=${password}`],
    ['train', `--token=${marked}`],
  ],
  [
    ['curl', '--header', `X-Api-Key: ${password}`],
    ['curl', '--header', `X-Api-Key: ${marked}`],
  ],
])('a program gets its secret as it is known to: %j', (args, left) => expect(redactedArguments(args)).toEqual(left));

test.each(ordinaryCommands.map((args) => [args]))('nothing of %j is a secret', (args) =>
  expect(redactedArguments(args)).toEqual(args),
);

test('params lose their secrets by name, at any depth, and keep everything else', () => {
  const params = {
    lr: 0.1,
    hf_token: 'abc',
    pad_token: '<pad>',
    max_tokens: 512,
    password: null,
    db: { password: 12345, host: 'x', url: 'postgres://a:b@c/d' },
    secrets: { one: 'b' },
    layers: ['conv', `ghp_${letters(36)}`],
  };
  expect(redactedValues(params)).toEqual({
    ...params,
    hf_token: marked,
    db: { password: marked, host: 'x', url: 'postgres://c/d' },
    secrets: { one: marked },
    layers: ['conv', marked],
  });
});

/** Units whose repetition makes a search slow if it looks at a letter more than a few times. */
const repeated = [
  'a',
  'ACGT',
  '0123456789abcdef',
  'aA1',
  'eyJ',
  'sk-',
  'ghp_',
  '://',
  'a://b:c/',
  'password',
  'passwordpassword_',
  'key',
  'key=',
  'key="',
  "key='x",
  'key="""',
  'key=[',
  'key=[{(',
  'key = ',
  'token:[',
  'token = a(b(',
  'token ',
  'password=',
  'password:\n ',
  'password: |\n  ',
  'password={{',
  'secrets:\n  a: b\n',
  'tokens:\n- a\n',
  '?sig=',
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----\nAAAA\n',
  '-----BEGIN ',
  'curl ',
  'curl -u a:b ',
  'Bearer ',
  'Bearer 1a/',
  'SG.aaaaaaaaaaaaaaaaaaaa.',
  '1234567890:AA',
  '-us1',
  '\\"',
  '"',
  ' ',
  '\n',
  '--token ',
  'é',
];

/** Returns the milliseconds of CPU for a text that repeats this unit. */
function computing(unit: string, length: number): number {
  const text = unit.repeat(Math.ceil(length / unit.length));
  const before = process.cpuUsage();
  redacted(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('a text takes time that grows with its length alone, whatever it repeats', () => {
  for (const unit of ['a', 'ACGT', 'key=[']) expect(computing(unit, 2 ** 20)).toBeLessThan(3000);
  const slow = repeated.map((unit) => [unit, computing(unit, 2 ** 18)] as const).filter(([, ms]) => ms > 1000);
  expect(slow).toEqual([]);
}, 60_000);
