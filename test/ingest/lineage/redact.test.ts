import { expect, test } from 'vitest';
import { redacted, redactedArguments } from '../../../daemon/ingest/lineage/redact.ts';

const secrets = [
  "+api_key = 'abcdefgh12345'",
  'PASSWORD=hunter22222',
  'export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"',
  'AKIAIOSFODNN7EXAMPLE',
  'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  'hf_abcdefghijklmnopqrstuvwxyzABCDEF',
  'sk-proj-abcdefghijklmnopqrstuvwx',
  'xoxb-123456789012-abcdefghij',
  'https://ana:hunter22222@example.com/x.git',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----',
  '"wandb_api_key": "0123456789abcdef0123456789abcdef01234567"',
  'postgresql://ana:hunter22222@db.example.com/x',
];
const words = [
  'abcdefgh12345',
  'hunter22222',
  'wJalr',
  'AKIAIOSF',
  'ghp_',
  'hf_abc',
  'sk-proj',
  'xoxb',
  'eyJhb',
  'MIIEow',
  '0123456789abcdef',
];

test.each(secrets)('%s loses its secret', (text) => {
  const left = redacted(text);
  for (const word of words) expect(left).not.toContain(word);
});

test.each([
  'lr = 0.1',
  'tokenizer = AutoTokenizer',
  'max_tokens: 512',
  'https://example.com/a@b',
  'git@example.com:x/y.git',
  'ssh://git@example.com/x',
  'key = lambda x: x',
])('%s stays as it is', (text) => expect(redacted(text)).toBe(text));

test('the argument after a flag that is named like a secret is one, and the rest of a command line stays', () => {
  const args = ['python', 'train.py', '--token', 'abc', '--api-key=xyzxyz', '--lr', '0.1'];
  expect(redactedArguments(args)).toEqual([
    'python',
    'train.py',
    '--token',
    '[redacted]',
    '--api-key=[redacted]',
    '--lr',
    '0.1',
  ]);
});
