import type { Outcome } from './run-training.ts';

/** Returns the line for one training, to print as soon as it is known. */
export function tellOutcome(name: string, outcome: Outcome): string {
  const head = `${outcome.kind.padEnd(8)} ${name.padEnd(28)}`;
  if (outcome.kind === 'not run') return `${head} ${outcome.reason}`;
  const time = `trained ${outcome.trainingS.toFixed(0)} s`;
  const confirmed = outcome.kind === 'right' && outcome.confirmed !== undefined;
  const second = confirmed ? `, ${outcome.confirmed} values confirmed by autolog` : '';
  if (outcome.kind === 'right') return `${head} ${time}, right ${outcome.lateS.toFixed(1)} s after its end${second}`;
  return [`${head} ${time}`, ...outcome.wrong.map(({ rule, reason }) => `           ${rule} ${reason}`)].join('\n');
}

/** Returns the summary: how many had which result, and what was wrong, by rule. */
export function tellScore(outcomes: Map<string, Outcome>, tookS: number): string {
  const count = (kind: Outcome['kind']): number => [...outcomes.values()].filter((one) => one.kind === kind).length;
  const byRule = new Map<string, Set<string>>();
  for (const [name, outcome] of outcomes)
    if (outcome.kind === 'wrong')
      for (const { rule } of outcome.wrong) byRule.set(rule, (byRule.get(rule) ?? new Set()).add(name));
  const rules = [...byRule].toSorted(([a], [b]) => a.localeCompare(b));
  const late = [...outcomes.values()].flatMap((one) => (one.kind === 'right' ? [one.lateS] : []));
  const soon = late.filter((seconds) => seconds <= 1.5).length;
  return [
    '',
    `${count('right')} right, ${count('wrong')} wrong, ${count('not run')} not run, in ${(tookS / 60).toFixed(1)} min`,
    `of the right ones ${soon} within 1.5 s after the training's end, the latest after ${Math.max(0, ...late).toFixed(1)} s`,
    ...rules.map(([rule, names]) => `${rule}: ${names.size} (${[...names].toSorted().join(', ')})`),
  ].join('\n');
}
