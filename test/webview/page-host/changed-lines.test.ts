import { expect, test } from 'vitest';
import { changedLines } from '../../../webview/page-host/changed-lines.ts';

test('lines that a diff adds or removes are counted, and not the heads of its files', () => {
  const diff = `diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,3 @@
 import x
-lr = 0.1
+lr = 0.2
+--- a line that looks like a head
diff --git a/b.py b/b.py
--- a/b.py
+++ b/b.py
@@ -1 +1,0 @@
--- gone
`;
  expect(changedLines(diff)).toBe(4);
  expect(changedLines('')).toBe(0);
  expect(changedLines('Binary files a and b differ')).toBe(0);
});
