/** Which stages a model has and how a pointer may move. */
export interface Policy {
  /** In order, `archived` last. */
  stages: readonly { name: string; exclusive: boolean }[];
  /** Digest of the file it came from; null for the embedded default. */
  digest: string | null;
}

/** What holds where no file says otherwise. */
export const defaultPolicy: Policy = {
  stages: [
    { name: 'development', exclusive: false },
    { name: 'staging', exclusive: true },
    { name: 'production', exclusive: true },
    { name: 'archived', exclusive: false },
  ],
  digest: null,
};

export function stageNames(policy: Policy): string[] {
  return policy.stages.map((stage) => stage.name);
}

export function isExclusive(policy: Policy, stage: string): boolean {
  return policy.stages.some((known) => known.name === stage && known.exclusive);
}
