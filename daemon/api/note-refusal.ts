import { RegistryError } from '../errors.ts';
import type { GateReport } from '../protocol/policy.ts';
import type { Service } from './service.ts';

/** Tells webhooks about a promotion that gates refused; ignores other errors. */
export function noteRefusal({ webhooks, ctx }: Service, error: unknown, actor: string): void {
  if (!(error instanceof RegistryError) || error.code !== 'gate-failed') return;
  const report = error.details['verdict'] as GateReport | undefined;
  try {
    if (report) webhooks.refused(report, actor);
  } catch (failure) {
    // The refusal itself must reach the person who asked, even with a full disk.
    ctx.log.error('webhooks could not be told about a refusal', { error: String(failure) });
  }
}
