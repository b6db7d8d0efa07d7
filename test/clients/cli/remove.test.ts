import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { commandLine, irisOutputs } from './plinth.ts';

const { run, out, json, folder } = commandLine();

beforeAll(async () => {
  await out('register', join(irisOutputs(folder), 'v1', 'model.joblib'), '--model', 'iris');
}, 60_000);

async function expectNothingThere(command: readonly string[], sentence: string): Promise<void> {
  const { code, stdout, stderr } = await run(...command);
  expect({ code, stdout, stderr }).toEqual({
    code: 66,
    stdout: '',
    stderr: expect.stringContaining(sentence) as string,
  });
}

for (const reference of ['iris', 'iris@1'])
  test(`a tag of ${reference} is removed once; one that it does not have is told as not there`, async () => {
    await expectNothingThere(['tag', reference, 'team='], `${reference} has no tag team`);
    await expectNothingThere(['tag', reference, 'constructor='], `${reference} has no tag constructor`);
    await out('tag', reference, 'team=risk');
    expect(await out('tag', reference, 'team=')).toMatch(/^untagged .* team · event \d+\n$/);
    await expectNothingThere(['tag', reference, 'team='], `${reference} has no tag team`);
  });

test('a pattern is taken back once; one that is not ignored is told as such', async () => {
  await expectNothingThere(['ignore', 'a/**', '--remove'], 'Pattern a/** is not ignored');
  await out('ignore', 'a/**');
  expect(await out('ignore', 'a/**', '--remove')).toMatch(/^no longer ignoring a\/\*\* · event \d+\n$/);
  await expectNothingThere(['ignore', 'a/**', '--remove'], 'Pattern a/** is not ignored');
});

test('a file that was never trusted is told as such', async () => {
  await expectNothingThere(['trust', '--remove', join(folder, 'plinth.yaml')], 'is not trusted');
});

interface Events {
  items: { seq: number; type: string }[];
}

test('what removes nothing is in no history', async () => {
  const before = (await json('events')) as Events;
  await expectNothingThere(['tag', 'iris', 'colour='], 'iris has no tag colour');
  await expectNothingThere(['ignore', 'b/**', '--remove'], 'Pattern b/** is not ignored');
  await expectNothingThere(['trust', '--remove', join(folder, 'plinth.yaml')], 'is not trusted');
  const after = (await json('events')) as Events;
  const newer = after.items.filter(({ seq }) => seq > (before.items[0]?.seq ?? 0)).map(({ type }) => type);
  // The lineage of a version comes after the answer to its registration.
  expect(newer.filter((type) => !type.startsWith('version.lineage'))).toEqual([]);
});
