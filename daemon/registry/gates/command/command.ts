import { failed, type Check } from '../gate.ts';

/** Passes if a command has exited with 0. It runs before gates are evaluated, and only if a person trusts its file. */
export const command: Check<'command'> = ({ run }, { command: said }) =>
  said(run) ?? failed(`${run} was not run`, 'exit 0');
