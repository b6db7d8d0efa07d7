import { expect, test } from 'vitest';
import { boundedWidth, fitName, fitRowName } from '../../../../webview/components/data-table/name-fit.ts';
import type { TableModel } from '../../../../webview/components/data-table/table-model.ts';

const long = 'val/segment=enterprise|region=emea/recall_at_precision_0.90';

test('a name has one line, then two, then its middle is left out and both ends stay', () => {
  expect(fitName('auc', 12)).toEqual({ text: 'auc', lines: 1 });
  expect(fitName('recall_at_precision', 16)).toEqual({ text: 'recall_at_precision', lines: 2 });
  const { text, lines } = fitName(long, 16);
  expect([text, lines]).toEqual(['val/segment=…recision_0.90', 2]);
  expect(fitName('x'.repeat(300), 0).text.length, 'in a column without room').toBeLessThan(20);
});

test('below the head of its group a name leaves out what that head has, and rows in another order keep it', () => {
  const of = {
    columns: [{ text: (name: string) => name }],
    groupOf: (name: string) => name.slice(0, name.lastIndexOf('/') + 1),
    nameOf: () => '',
  } as unknown as TableModel<unknown>;
  const widths = { column: 200, digit: 8 };
  expect(fitRowName(of, 'val/auc', true, widths)).toEqual({ text: 'auc', lines: 1, isInner: true });
  expect(fitRowName(of, 'val/auc', false, widths)).toEqual({ text: 'val/auc', lines: 1, isInner: false });
  expect(fitRowName(of, 'loss', true, widths)).toEqual({ text: 'loss', lines: 1, isInner: false });
});

test('a width stays within what can be read and shown', () => {
  expect([-5, 120.4, 1e6].map(boundedWidth)).toEqual([90, 120, 900]);
});
