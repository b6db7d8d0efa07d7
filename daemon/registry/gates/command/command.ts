import { failed, type Check } from '../gate.ts';

/** A command said yes. It runs before gates are weighed, and only where a person trusts the file that names it. */
export const command: Check<'command'> = ({ run }, { command: said }) =>
  said(run) ?? failed(`${run} was not run`, 'exit 0');
