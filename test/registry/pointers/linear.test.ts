import { expect, test } from 'vitest';
import { RegistryError } from '../../../daemon/errors.ts';
import type { Receipt } from '../../../daemon/protocol/routes/pointers.ts';
import { startService, threeVersions, type TestService } from '../../support/daemon.ts';

/** How many histories are tried. `PLINTH_HISTORIES=50 PLINTH_MOVES=2000` is the full test. */
const histories = Number(process.env['PLINTH_HISTORIES'] ?? 2);
const moves = Number(process.env['PLINTH_MOVES'] ?? 200);
const clients = 8;

interface Op {
  began: number;
  ended: number;
  /** The current version that the client expected; undefined when it named none. */
  expect: number | null | undefined;
  receipt: Receipt | undefined;
  refused: string | undefined;
}

let ticks = 0;

async function act({ client }: TestService, random: () => number): Promise<Op> {
  const began = (ticks += 1);
  const pointers = (await client.call('GET /models/:model', { model: 'iris' })).pointers;
  const seen = pointers.find(({ name }) => name === 'production')?.holder ?? null;
  const wanted = random() < 0.5 ? seen : undefined;
  const move = { model: 'iris', stage: 'production', expect: wanted };
  const version = String(1 + Math.floor(random() * 3));
  try {
    const receipt =
      random() < 0.3
        ? await client.call('POST /models/:model/rollback', move)
        : await client.call('POST /models/:model/versions/:version/promote', { ...move, version });
    return { began, ended: (ticks += 1), expect: wanted, receipt, refused: undefined };
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'conflict') throw error;
    return { began, ended: (ticks += 1), expect: wanted, receipt: undefined, refused: error.message };
  }
}

/** Returns a generator of numbers from 0 to 1 with a seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Returns what one sequence of moves, in the order of their events, cannot explain. */
function unexplained(ops: readonly Op[]): string[] {
  const changed = ops
    .filter((op) => op.receipt?.changed === true)
    .toSorted((a, b) => (a.receipt?.seq ?? 0) - (b.receipt?.seq ?? 0));
  return changed.flatMap((op, index) => {
    const before = changed[index - 1];
    const [from, to] = [op.receipt?.from, before?.receipt?.to ?? null];
    return [
      ...(from === to ? [] : [`event ${op.receipt?.seq} left v${from}, but v${to} held it`]),
      ...(op.expect === undefined || op.expect === from ? [] : [`event ${op.receipt?.seq} expected v${op.expect}`]),
      ...(before && before.began > op.ended ? [`event ${op.receipt?.seq} came before one that had ended`] : []),
    ];
  });
}

test('eight clients that promote and roll back at once leave histories that one after another could have left', async () => {
  for (let history = 0; history < histories; history += 1) {
    const service = await startService();
    await threeVersions(service.client);
    const worker = async (seed: number): Promise<Op[]> => {
      const random = seeded(seed);
      const ops: Op[] = [];
      for (let done = 0; done < moves / clients; done += 1) ops.push(await act(service, random));
      return ops;
    };
    const workers = Array.from({ length: clients }, (_, index) => worker(history * 100 + index));
    const ops = (await Promise.all(workers)).flat();
    expect(unexplained(ops)).toEqual([]);
    expect(ops.some(({ receipt }) => receipt?.changed === true)).toBe(true);
    const { pointers } = await service.client.call('GET /models/:model', { model: 'iris' });
    const last = ops.flatMap(({ receipt }) => (receipt?.changed ? receipt : [])).toSorted((a, b) => b.seq - a.seq)[0];
    expect(pointers.find(({ name }) => name === 'production')?.holder).toBe(last?.to);
  }
}, 3_600_000);

test('a history that no sequence explains is told as such', () => {
  const op = (seq: number, from: number | null, to: number, wanted?: number): Op => ({
    began: seq,
    ended: seq,
    expect: wanted,
    receipt: { changed: true, seq, from, to } as Receipt,
    refused: undefined,
  });
  expect(unexplained([op(1, null, 1), op(2, 1, 2)])).toEqual([]);
  expect(unexplained([op(1, null, 1), op(2, null, 2)])).toHaveLength(1);
  expect(unexplained([op(1, null, 1), op(2, 1, 2, 3)])).toHaveLength(1);
});
