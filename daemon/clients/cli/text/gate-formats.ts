import type { GateReport, GateResult } from '../../../protocol/policy.ts';
import { pointerText } from '../../../shared/event-text.ts';
import { referenceTo } from '../../../shared/references.ts';
import { markdownCell } from './audit-formats.ts';

/** Formats of a gate report for pipelines. */
export const gateFormats = ['junit', 'github', 'markdown'] as const;
export type GateFormat = (typeof gateFormats)[number];

const formatters: Record<GateFormat, (report: GateReport) => string[]> = { junit, github, markdown };

/** Returns the lines of a gate report in a format. All texts in it are data: none can end a line or an element. */
export function formatGates(report: GateReport, format: GateFormat): string[] {
  return formatters[format](report);
}

/** Returns the gates; without any, the fact that no policy applies, so that a pipeline does not take an empty report for a failure to run. */
function casesOf({ gates, policy }: GateReport): GateResult[] {
  if (gates.length > 0) return gates;
  const detail = policy === null ? 'No plinth.yaml applies to this model.' : 'The policy has no gates here.';
  return [{ gate: 'policy', outcome: 'skipped', detail }];
}

function titleOf(report: GateReport): string {
  return `${referenceTo(report.model, report.number)} for ${pointerText(report)}`;
}

/** JUnit's XML, as Jenkins, GitLab and GitHub's reporters read it. */
function junit(report: GateReport): string[] {
  const cases = casesOf(report);
  const count = (outcome: GateResult['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  const numbers = `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
  const name = xmlText(`plinth gates: ${titleOf(report)}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${numbers}>`,
    `  <testsuite name="${name}" ${numbers}>`,
    ...cases.flatMap((one) => junitCase(report, one)),
    '  </testsuite>',
    '</testsuites>',
  ];
}

function junitCase(report: GateReport, { gate, outcome, detail }: GateResult): string[] {
  const head = `    <testcase classname="${xmlText(titleOf(report))}" name="${xmlText(gate)}" time="0"`;
  if (outcome === 'passed') return [`${head}/>`];
  const element = outcome === 'failed' ? 'failure' : 'skipped';
  return [`${head}>`, `      <${element} message="${xmlText(detail)}"/>`, '    </testcase>'];
}

/** Escapes a text for XML. Characters that XML cannot hold become `?`. */
function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\t\n\r]/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** Workflow commands of GitHub Actions: an annotation for each gate that does not pass. */
function github(report: GateReport): string[] {
  const failed = casesOf(report).filter(({ outcome }) => outcome !== 'passed');
  const title = report.allowed ? `${titleOf(report)}: all gates passed` : `${titleOf(report)}: gates failed`;
  return [
    `::notice title=Plinth::${workflowText(title)}`,
    ...failed.map(({ gate, outcome, detail }) => {
      const kind = outcome === 'failed' ? 'error' : 'notice';
      return `::${kind} title=${workflowText(gate).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${workflowText(detail)}`;
    }),
  ];
}

function workflowText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A table, for the summary of a job or a comment. */
function markdown(report: GateReport): string[] {
  const marks = { passed: '✅', failed: '❌', skipped: '➖' };
  const { policy, allowed } = report;
  return [
    `### ${allowed ? '✅' : '❌'} ${markdownCell(titleOf(report))}`,
    '',
    '| | gate | result |',
    '| --- | --- | --- |',
    ...casesOf(report).map(
      ({ gate, outcome, detail }) => `| ${marks[outcome]} | ${markdownCell(gate)} | ${markdownCell(detail)} |`,
    ),
    ...(policy === null
      ? []
      : ['', `Policy: ${markdownCell(policy.path)}${policy.committed === false ? ' (uncommitted)' : ''}`]),
  ];
}
