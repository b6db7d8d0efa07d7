import type { Command } from 'commander';
import { programVersion } from '../program-version.ts';
import type { Open } from '../session.ts';

export function mcp(program: Command, open: Open): void {
  program
    .command('mcp')
    .description('run a server of the Model Context Protocol for agents, on standard input and output')
    .option('--allow-writes', 'offer tools that change the registry; a person confirms each change')
    .action(async ({ allowWrites }: { allowWrites?: boolean }) => {
      const session = open();
      const { serveMcp } = await mcpProgram();
      const client = () => session.client('agent');
      await serveMcp({ client, allowWrites: allowWrites === true, version: programVersion() });
    });
}

/** Loads the server, which is a file of its own in the bundle, so that no other command loads its library. */
async function mcpProgram(): Promise<typeof import('../../mcp/main.ts')> {
  const place = import.meta.url.endsWith('.ts') ? '../../mcp/main.ts' : './mcp.js';
  return (await import(new URL(place, import.meta.url).href)) as typeof import('../../mcp/main.ts');
}
