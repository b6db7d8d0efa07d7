import type { Command } from 'commander';
import { findDaemon } from '../../client/discover.ts';
import { faultReport, faultReportText } from '../../client/fault-report.ts';
import { programVersion } from '../program-version.ts';
import { runningClient, type Open, type Session } from '../session.ts';
import type { Status } from '../../../protocol/routes/system.ts';

export function diagnose(program: Command, open: Open): void {
  program
    .command('diagnose')
    .description(
      'print a report for a bug: versions, platform, state and the end of the log, without paths, names, hosts and secrets',
    )
    .action(async () => {
      const session = open();
      const dataFolder = session.url === undefined ? session.dataFolder : undefined;
      const report = faultReport({ version: programVersion(), status: await statusOf(session), dataFolder });
      session.print(report, () => [faultReportText(report).trimEnd()]);
    });
}

/** Returns the status of the running service; undefined if none runs, null if it does not answer: a report is needed then most of all. */
async function statusOf(session: Session): Promise<Status | null | undefined> {
  if (session.url === undefined && !(await findDaemon(session.dataFolder))) return undefined;
  try {
    return await (await runningClient(session)).call('GET /status', {});
  } catch {
    return null;
  }
}
