import { Option, type Command } from 'commander';
import type { GateHistory, GateResult, GateReport } from '../../../protocol/policy.ts';
import { UsageError } from '../exit.ts';
import { pointerOf, split, versionOrLatest } from '../reference-args.ts';
import type { Open, Session } from '../session.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import { referenceTo } from '../../../shared/references.ts';
import { formatGates, gateFormats, type GateFormat } from '../text/gate-formats.ts';
import { pointerText, currentVersionText } from '../../../shared/event-text.ts';

interface Options {
  to?: string;
  alias?: string;
  history?: boolean;
  run?: boolean;
  format?: GateFormat;
}

export function gate(program: Command, open: Open): void {
  program
    .command('gate <version>')
    .description(
      'check a version against the gates of plinth.yaml; exits with 0 if all pass and 1 otherwise, and changes nothing',
    )
    .option('--to <pointer>', 'stage, or alias such as @champion (default: production)')
    .option('--alias <name>', 'check the gates of this alias')
    .option('--run', 'run the command gates now, if plinth.yaml is trusted')
    .addOption(new Option('--format <format>', 'print the report for a pipeline instead').choices([...gateFormats]))
    .option('--history', 'show which versions of the model would pass today')
    .action(async (reference: string, { to, alias, history, run, format }: Options) => {
      const session = open();
      const pointer = pointerOf(to, alias);
      if (format !== undefined && (session.json || history))
        throw new UsageError('--format is for the report of one version. Leave out --json and --history.');
      if (history) return printHistory(session, reference, pointer);
      const { model, version } = versionOrLatest(reference);
      const request = { model, version, ...pointer };
      const report = run
        ? await session.call('POST /models/:model/versions/:version/gates', request)
        : await session.call('GET /models/:model/versions/:version/gates', request);
      session.print(report, () =>
        format === undefined ? gateReportLines(session, report) : formatGates(report, format),
      );
      if (!report.allowed) process.exitCode = exitCodes.failed;
    });
}

async function printHistory(
  session: Session,
  reference: string,
  pointer: { stage: string } | { alias: string },
): Promise<void> {
  const { model, version } = split(reference);
  if (version !== undefined)
    throw new UsageError(`--history takes a model without a version: plinth gate ${model} --history`);
  const history = await session.call('GET /models/:model/gates', { model, ...pointer });
  session.print(history, () => historyLines(session, history));
}

/** Formats a gate report: `churn@8 passes the gates for production`, then one line for each gate. */
export function gateReportLines(session: Session, report: GateReport): string[] {
  const { style } = session.screen;
  const { model, number, allowed, gates } = report;
  const pointer = pointerText(report);
  const head = `${referenceTo(model, number)} ${allowed ? style('green', 'passes the gates for') : style('red', 'fails the gates for')} ${pointer}`;
  return [head, ...gates.map((one) => `  ${gateLine(session, one)}`), ...policyLines(report)];
}

/** Formats a gate's result: `✗ metric accuracy  accuracy is 0.8, wanted at least 0.9`. */
export function gateLine({ screen }: Session, { gate: name, outcome, detail }: GateResult): string {
  const mark = {
    passed: screen.style('green', '✓'),
    failed: screen.style('red', '✗'),
    skipped: screen.style('dim', '–'),
  };
  return `${mark[outcome]} ${name}  ${screen.style('dim', detail)}`;
}

function policyLines({ policy, gates, conflicts = [] }: GateReport): string[] {
  if (policy === null) return gates.length === 0 ? ['  no plinth.yaml speaks of this model'] : [];
  return [
    `  by ${policy.path}${policy.committed === false ? ', which is not committed' : ''}`,
    ...conflicts.map((one) => `  ${one}`),
  ];
}

function historyLines(session: Session, { versions, model, kind, name, holder }: GateHistory): string[] {
  const passing = versions.filter(({ allowed }) => allowed).length;
  const against = currentVersionText(holder);
  const head = `${passing} of ${versions.length} versions of ${model} would pass for ${pointerText({ kind, name })}, weighed against ${against}`;
  return [
    head,
    ...versions.map(({ number, allowed, failed }) =>
      allowed
        ? `  ${session.screen.style('green', '✓')} v${number}`
        : `  ${session.screen.style('red', '✗')} v${number}  ${session.screen.style('dim', failed.join(', '))}`,
    ),
  ];
}
