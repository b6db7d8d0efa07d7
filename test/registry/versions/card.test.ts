import { expect, test } from 'vitest';
import { missingIn } from '../../../daemon/registry/versions/card.ts';
import { startService, threeVersions } from '../../support/daemon.ts';

test('a draft says what is known and leaves open what nobody told', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const card = await client.call('GET /models/:model/card', { model: 'iris' });
  expect(card.draft).toBe(true);
  expect(card.text).toContain('| log_loss |');
  expect(card.text).toContain('- class: RandomForestClassifier');
  expect(card.missing).toEqual(['owner', 'license', 'intended use', 'limitations', 'training data']);
});

test('a written card is kept, by whom and when, and fills fields by front matter or headings', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const text = '---\nowner: ana\nlicense: MIT\n---\n# iris\n## Intended use\nFlowers.\n## Limitations\nTODO\n';
  await client.call('POST /models/:model/card', { model: 'iris', text });
  const card = await client.call('GET /models/:model/card', { model: 'iris' });
  expect(card).toMatchObject({ text, draft: false, missing: ['limitations', 'training data', 'evaluation'] });
  expect(card.actor).toMatch(/\/test$/);
});

test('a card of more than 64 KiB is refused, and says where such a text belongs', async () => {
  const { client } = await startService();
  await threeVersions(client);
  const text = 'x'.repeat(100_000);
  await expect(client.call('POST /models/:model/card', { model: 'iris', text })).rejects.toThrow('plinth attach');
});

test.each(['---\n: [\n---\n', '---\n- a\n---\n', '', '# owner\n\n# owner\nana', '---\nowner: *a\n---'])(
  'odd text is text',
  (text) => {
    expect(missingIn(text).length).toBeGreaterThan(3);
  },
);
