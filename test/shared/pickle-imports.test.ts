import { expect, test } from 'vitest';
import { pickleImports } from '../../daemon/shared/pickle-text.ts';

test('imports of a pickle that names only known classes are all known', () => {
  const imports = ['numpy._core.multiarray._reconstruct', 'sklearn.tree._classes.DecisionTreeClassifier'];
  expect(pickleImports({ verdict: 'known imports only', imports })).toEqual({
    dangerous: [],
    unknown: [],
    known: imports,
  });
});

test('what executes code is dangerous, classes of nobody known are unknown', () => {
  const imports = ['__main__.Net', 'my_project.models.Net', 'posix.system', 'sklearn.svm._classes.SVC'];
  expect(pickleImports({ verdict: 'runs code', imports })).toEqual({
    dangerous: ['posix.system'],
    unknown: ['__main__.Net', 'my_project.models.Net'],
    known: ['sklearn.svm._classes.SVC'],
  });
});

test('only the imports that are the reason for the verdict are doubted', () => {
  const report = {
    verdict: 'runs code' as const,
    imports: ['numpy._core.multiarray._reconstruct', 'my_project.Net'],
    unknown: ['my_project.Net'],
  };
  expect(pickleImports(report)).toEqual({
    dangerous: [],
    unknown: ['my_project.Net'],
    known: ['numpy._core.multiarray._reconstruct'],
  });
});
