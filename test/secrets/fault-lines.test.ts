import { expect, test } from 'vitest';
import { faultLines, faultText } from '../../daemon/secrets/fault-lines.ts';

const hidden = (): string => 'model-1';
const planted = [
  '/home/ana/acme merger/model.pt',
  String.raw`C:\Users\ana\acme\model.pt`,
  String.raw`\\nas.acme.example\acme\model.pt`,
  'https://ana:acme-pw@acme.example:8443/x?token=acme',
  'ghp_acmeacmeacmeacmeacmeacmeacmeacme1234',
  'acme.example 10.1.2.3 ana@acme.example',
  'acme-churn has no version 3',
  'ACME_SECRET_KEY=acme',
];

function entry(facts: object, msg = 'a scan failed'): string {
  return JSON.stringify({ level: 50, time: 1_790_000_000_000, pid: 7, ...facts, msg });
}

test('no path, host, person, name or secret in any fact or line of a log comes out of it', () => {
  const lines = planted.flatMap((text) => [
    text,
    `plinth: ${text}`,
    `Error: ENOENT: no such file, open '${text}'`,
    `SyntaxError: Unexpected token 'a', "${text}" is not valid JSON`,
    `TypeError: ${text} is not iterable`,
    `    at acme (${text}:1:2`,
    entry({ error: text, nested: { path: text, [text]: 1 }, list: [text] }),
    entry({ model: text, stack: `Error: ${text}\n    at run (${text}/dist/command.js:10:2)` }),
    entry({ [text]: 1 }),
    entry({}, text),
  ]);
  const kept = faultLines(lines.join('\n'), hidden);
  expect(kept.lines.join('\n')).not.toMatch(/acme|ana\b|merger|10\.1\.2\.3|ghp_/i);
  expect(kept.lines.length + kept.leftOut).toBe(lines.length);
});

test('a line of a log keeps its time, message, numbers, codes, and the places of an error in the program', () => {
  const stack =
    "TypeError: Cannot read properties of undefined (reading 'acme')\n    at scanRoot (file:///home/ana/.plinth/bin/1/part-ABC.js:120:7)\n    at node:internal/timers:594:17";
  const log = `${entry({ model: 'churn', count: 3, error: 'SQLITE_CORRUPT: malformed' })}\n${entry({ stack }, 'crashed')}\nNode.js`;
  expect(faultLines(log, hidden)).toEqual({
    lines: [
      '2026-09-21T14:13:20.000Z error a scan failed model=model-1 count=3 error=[SQLITE_CORRUPT]',
      '2026-09-21T14:13:20.000Z error crashed stack=[TypeError: Cannot read properties of undefined; at scanRoot part-ABC.js:120:7; at node:internal/timers:594:17]',
    ],
    leftOut: 1,
  });
});

test('a line that is no entry, is endless or has a time that is none harms nothing', () => {
  const odd = ['[]', 'null', '{', '{"time":1e99,"msg":"started"}', `{"msg":"${'a'.repeat(1e5)}"}`, 'at '.repeat(1e5)];
  expect(faultLines(odd.join('\n'), hidden)).toEqual({ lines: ['started'], leftOut: 5 });
  expect(faultText('')).toBe('');
});
