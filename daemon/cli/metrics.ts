import { numberText } from '../shared/format.ts';
import { orderMetrics } from '../shared/metrics.ts';

/** `accuracy 0.956 · f1 0.95`: the primary metric first, then those that say most. */
export function metricsText(
  metrics: Readonly<Record<string, number | string>>,
  max = 3,
  primary: string | null = null,
): string {
  const shown = orderMetrics(metrics, primary).slice(0, max);
  return shown.map(([name, value]) => `${name} ${numberText(value)}`).join(' · ');
}
