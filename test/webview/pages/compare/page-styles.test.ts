import { expect, test } from 'vitest';
import { takeStyles } from '../../../../webview/pages/compare/files/page-styles.ts';

test('styles are taken out of a page, in any case and number, and the rest stays as it is', () => {
  const page = '<head><STYLE type="text/css">h1 { color: red }</Style ><style>p > b {}</style></head><p>text';
  expect(takeStyles(page)).toEqual({ text: '<head></head><p>text', styles: 'h1 { color: red }\np > b {}' });
  expect(takeStyles('<styled>a</styled>')).toEqual({ text: '<styled>a</styled>', styles: '' });
  expect(takeStyles('a<style>b')).toEqual({ text: 'a<style>b', styles: '' });
});

test('a page of nothing but beginnings is read once, and not once for each of them', () => {
  for (const part of ['<style>', '<style ', '</style ']) {
    const page = part.repeat(700_000);
    expect(takeStyles(page).text).toBe(page);
  }
});
