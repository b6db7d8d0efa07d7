import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { mlflowVariables, type Variables } from './mlflow.ts';
import type { Open } from '../session.ts';

const shells = ['sh', 'fish', 'powershell', 'dotenv'] as const;
type Shell = (typeof shells)[number];

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const writers: Record<Shell, (name: string, value: string) => string> = {
  sh: (name, value) => `export ${name}=${single(value)}`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  dotenv: (name, value) => `${name}=${value}`,
};

export function env(program: Command, open: Open): void {
  program
    .command('env')
    .description('print the environment variables for MLflow clients: eval "$(plinth env)"')
    .option('--shell <shell>', `syntax: ${shells.join(', ')}`, process.platform === 'win32' ? 'powershell' : 'sh')
    .option('--renew', 'create a new token and revoke the old one')
    .action(async ({ shell, renew }: { shell: string; renew?: boolean }) => {
      const session = open();
      const variables = await mlflowVariables(session, renew === true);
      session.print(variables, () => envLines(shell, variables));
    });
}

/** Returns the lines that set variables in a shell. Throws `UsageError` for an unknown shell. */
export function envLines(shell: string, variables: Variables): string[] {
  const known = shells.find((name) => name === shell.toLowerCase());
  if (!known) throw new UsageError(`Unknown shell ${shell}. Choose one of ${shells.join(', ')}.`);
  return Object.entries(variables).map(([name, value]) => writers[known](name, value));
}
