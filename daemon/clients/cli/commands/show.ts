import { basename } from 'node:path';
import { approvalLines } from './approve.ts';
import { nameText } from './why.ts';
import { pickleSentence } from '../../../shared/pickle-text.ts';
import { orderMetrics } from '../../../shared/metrics.ts';
import type { Command } from 'commander';
import { isExternal, type Model, type Version } from '../../../protocol/model.ts';
import type { BetterCheckpoint, VersionDetail } from '../../../protocol/routes/versions.ts';
import { countedEvidence, ruleText, sourceText, unusedEvidence } from '../../../shared/evidence.ts';
import { valueText } from '../text/values.ts';
import { homePath } from '../paths.ts';
import { split } from '../reference-args.ts';
import { dataLine, lineagePairs, reportLines } from '../text/lineage.ts';
import { pairs, table } from '../terminal/table.ts';
import { tensorLines } from '../text/tensors.ts';
import type { Open, Session } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';
import { ageText, countOf, countText, dateText, numberText, shellWord, sizeText } from '../../../shared/format.ts';
import { betterText, earlierSaveText } from '../../../shared/runs/run-relation.ts';
import { personOf, pointerText, currentVersionText } from '../../../shared/event-text.ts';
import { frameworkText } from '../../../shared/model-kind.ts';

export function show(program: Command, open: Open): void {
  program
    .command('show <reference>')
    .description('show the details of a model or of a version (model@version)')
    .action(async (text: string) => {
      const session = open();
      const { model, version } = split(text);
      if (version === undefined) return showModel(session, model);
      const detail = await session.call('GET /models/:model/versions/:version', { model, version });
      session.print(detail, () => versionLines(session, detail));
    });
}

async function showModel(session: Session, name: string): Promise<void> {
  const model = await session.call('GET /models/:model', { model: name });
  session.print(model, () => modelLines(session, model));
}

function modelLines(session: Session, model: Model): string[] {
  const facts = pairs(session.screen, [
    ['description', model.description],
    ['name', model.named && nameText(model.named, model.name)],
    ['versions', `${model.versions}${model.latest === null ? '' : `, the latest is v${model.latest}`}`],
    ['tags', tagText(model.tags)],
    ['created', dateText(model.createdAt)],
    ['updated', `${dateText(model.updatedAt)} (${ageText(model.updatedAt, session.now)})`],
  ]);
  const columns = [
    { title: 'pointer' },
    { title: 'holder' },
    { title: 'previous' },
    { title: 'by' },
    { title: 'since' },
    { title: 'why' },
  ];
  const rows = model.pointers.map((pointer) => [
    pointerText(pointer),
    currentVersionText(pointer.holder),
    pointer.previous.map((number) => `v${number}`).join(' '),
    personOf(pointer.actor),
    dateText(pointer.at),
    pointer.reason,
  ]);
  const pointers = rows.length === 0 ? [] : ['', ...table(session.screen, columns, rows)];
  return [session.screen.style('bold', model.name), ...facts, ...pointers];
}

function tagText(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

function versionLines(session: Session, detail: VersionDetail): string[] {
  const { screen } = session;
  return [
    screen.style('bold', referenceTo(detail.version.model, detail.version.number)),
    ...pairs(screen, factPairs(session, detail)),
    ...detail.version.problems.map((problem) => screen.style('yellow', `problem: ${problem.message}`)),
    ...section(session, 'metrics', pairs(screen, metricPairs(detail))),
    ...section(
      session,
      'params',
      pairs(
        screen,
        Object.entries(detail.version.params).map(([name, value]) => [name, valueText(value)] as const),
      ),
    ),
    ...section(session, 'evidence', evidenceLines(session, detail)),
    ...section(session, 'lineage', detail.lineage ? pairs(screen, lineagePairs(detail.lineage)) : []),
    ...section(session, 'data', detail.lineage?.data.map(dataLine) ?? []),
    ...section(session, 'reports', detail.lineage ? reportLines(detail.lineage) : []),
    ...section(session, 'files', fileLines(session, detail)),
    ...section(session, 'tensors', tensorLines(session.screen, detail.facts)),
    ...section(session, 'pickle', pickleLines(session, detail)),
    ...section(session, 'approvals', approvalLines(session, detail.approvals ?? [])),
    ...section(
      session,
      'comments',
      detail.comments.map((comment) => `${dateText(comment.at)} ${personOf(comment.actor)}: ${comment.text}`),
    ),
  ];
}

function section(session: Session, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', session.screen.style('bold', title), ...lines.map((line) => `  ${line}`)];
}

function factPairs(session: Session, { version, facts, ofRun }: VersionDetail): [string, string | undefined][] {
  const { source } = version;
  const count = version.parameterCount === null ? undefined : countText(version.parameterCount);
  const written = source.writtenAt === null ? undefined : dateText(source.writtenAt);
  return [
    ['state', version.state === 'ready' ? undefined : stateText(version)],
    ['stage', version.stage],
    ['aliases', version.aliases.map((alias) => `@${alias}`).join(' ')],
    ['description', version.description],
    ['tags', tagText(version.tags)],
    ['framework', frameworkText(version)],
    ['format', version.format],
    ['class', version.modelClass ?? undefined],
    ['parameters', count],
    ['inputs', signatureText(facts.signature?.inputs)],
    ['outputs', signatureText(facts.signature?.outputs)],
    ['epoch', facts.epoch === null ? undefined : String(facts.epoch)],
    ['step', facts.step === null ? undefined : String(facts.step)],
    ['size', isExternal(version) ? 'external bytes' : `${sizeText(version.size)} in ${countOf(version.files, 'file')}`],
    ['digest', version.digest],
    ['from', homePath(source.path)],
    ['run', source.run === null ? undefined : homePath(source.run)],
    ['save', (ofRun && earlierSaveText(ofRun)) ?? undefined],
    ['better', ofRun?.better ? betterLine(ofRun.better) : undefined],
    ['written', written],
    [
      'registered',
      `${dateText(version.createdAt)} (${ageText(version.createdAt, session.now)}) by ${personOf(version.actor)} · event ${version.seq}`,
    ],
  ];
}

function betterLine(better: BetterCheckpoint): string {
  const text = betterText(better, basename(better.path));
  return better.isOnDisk ? `${text} Register it with: plinth register ${shellWord(better.path)}` : text;
}

function stateText(version: Version): string {
  if (version.state === 'moved') return `moved to ${version.movedTo}`;
  const until = version.deletedUntil;
  return version.state === 'deleted' && until !== null && until > 0
    ? `deleted; can be undone until ${dateText(until)}`
    : version.state;
}

function signatureText(
  fields: NonNullable<VersionDetail['facts']['signature']>['inputs'] | undefined,
): string | undefined {
  return fields?.map((field) => `${field.name} ${field.dtype}[${field.shape.join(', ')}]`).join(', ');
}

function evidenceLines(session: Session, { evidence }: VersionDetail): string[] {
  if (evidence.length === 0) return [];
  const columns = [
    { title: 'source' },
    { title: 'rule' },
    { title: 'metrics', align: 'right' as const },
    { title: 'params', align: 'right' as const },
    { title: 'when' },
    { title: 'event', align: 'right' as const },
  ];
  const count = (values: object): string => String(Object.keys(values).length);
  const rows = evidence.map((one) => [
    one.source,
    ruleText(one.origin),
    count(one.metrics),
    count(one.params),
    dateText(one.at),
    String(one.seq),
  ]);
  const unused = unusedEvidence(evidence).map((one) => `${one.source} not used: ${one.origin?.reason ?? ''}`);
  return [...table(indented(session), columns, rows), ...unused];
}

/** Returns the metrics, each with its source. */
function metricPairs({ version, evidence }: VersionDetail): [string, string][] {
  const counted = countedEvidence(evidence);
  return orderMetrics(version.metrics).map(([name, value]) => {
    const from = counted.findLast((one) => Object.hasOwn(one.metrics, name));
    return [name, `${numberText(value)}${from ? `  ${sourceText(from)}` : ''}`];
  });
}

function fileLines(session: Session, { version, files }: VersionDetail): string[] {
  if (files.length === 0) return [];
  const columns = [
    { title: 'file', least: 12 },
    { title: 'size', align: 'right' as const },
    { title: 'sha256', least: 10 },
  ];
  return table(
    indented(session),
    columns,
    files.map((file) => [file.path || version.primary, sizeText(file.size), file.sha256]),
  );
}

/** Returns the screen's width and style for a section whose lines are indented by two. */
function indented(session: Session): Pick<Session['screen'], 'width' | 'style'> {
  const { width, style } = session.screen;
  return { width: width === undefined ? undefined : width - 2, style };
}

function pickleLines(session: Session, { facts }: VersionDetail): string[] {
  if (!facts.pickle) return [];
  const { verdict, imports } = facts.pickle;
  const sentence = verdict === 'runs code' ? [pickleSentence(facts.pickle)] : [];
  const style = verdict === 'runs code' || verdict === 'unreadable' ? 'yellow' : 'green';
  return [`scan: ${session.screen.style(style, verdict)}`, ...sentence, ...imports.map((name) => `imports ${name}`)];
}
