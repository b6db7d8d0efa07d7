import type { GateReport } from '../protocol/policy.ts';

/** True if a gate's command has not run for this version. A dry run starts none. */
export function hasUnrunCommands({ gates }: Pick<GateReport, 'gates'>): boolean {
  return gates.some(({ gate, actual }) => gate.startsWith('command ') && actual === 'not run');
}
