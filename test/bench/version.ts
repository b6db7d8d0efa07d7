import type { VersionBody } from '../../daemon/protocol/events.ts';

/** Returns the body of a version's event, for a registry that is filled without watching folders. */
export function version(model: string, number: number): VersionBody {
  return {
    model,
    number,
    digest: `sha256:${number.toString(16).padStart(64, '0')}`,
    primary: 'model.joblib',
    wholeFolder: false,
    files: 1,
    size: 6241,
    framework: 'scikit-learn',
    frameworkVersion: '1.9.1',
    format: 'joblib',
    modelClass: null,
    parameterCount: null,
    pickle: null,
    problems: [],
    facts: 'sha256:0',
    source: { kind: 'watch', path: `/out/${model}/${number}/model.joblib`, run: null, writtenAt: null },
    stage: 'development',
  };
}
