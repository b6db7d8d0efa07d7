import type { Texts } from './event-text.ts';

type RuleEvent = Extract<
  keyof Texts,
  | 'model.policy/1'
  | `approval.${string}`
  | `token.${string}`
  | `file.${string}`
  | `deployment.${string}`
  | `person.${string}`
>;

/** What events about rules did, in one line each. */
export const ruleTexts: Pick<Texts, RuleEvent> = {
  'model.policy/1': ({ model }, { path }) => `${model} follows ${path}`,
  'approval.asked/1': ({ label }, { kind, name, reason }) =>
    `asked for approval of ${label} for ${pointer(kind, name)}${said(reason)}`,
  'approval.given/1': ({ label }, { kind, name, decision, comment }) =>
    `${decision} ${label} for ${pointer(kind, name)}${said(comment)}`,
  'token.made/1': (_, { owner, role, id }) => `made a token for ${owner} (${role}), ${id}`,
  'token.revoked/1': (_, { id }) => `revoked token ${id}`,
  'file.trusted/1': (_, { path }) => `trusted ${path}`,
  'person.asserted/1': (_, { person, name, email }) => `${person} says to be ${name} <${email}>`,
  'deployment.started/1': ({ label }, { kind, name, run }) =>
    `deploying ${label} for ${pointer(kind, name)}: ${run ?? '…'}`,
  'deployment.finished/1': ({ label }, { kind, name, problem, said: last }) =>
    problem === null
      ? `deployed ${label} for ${pointer(kind, name)}${said(last)}`
      : `deployment of ${label} for ${pointer(kind, name)} failed: ${problem ?? '…'}${said(last)}`,
  'file.untrusted/1': (_, { path }) => `no longer trusted ${path}`,
};

function pointer(kind: string | undefined, name: string | undefined): string {
  return `${kind === 'alias' ? '@' : ''}${name}`;
}

function said(text: string | undefined): string {
  return text === undefined || text === '' ? '' : ` (${text})`;
}
