import { html, nothing, type TemplateResult } from 'lit';
import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import type { ModelFacts } from '../../../daemon/protocol/artifact.ts';
import { isExternal, type Version } from '../../../daemon/protocol/model.ts';
import type { Deployment } from '../../../daemon/protocol/deployment.ts';
import type { VersionView } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import { bypassText } from '../../components/events.ts';
import { historyList } from '../../components/values/history-list.ts';
import * as l10n from '@vscode/l10n';
import { button, copyButton, facts, plainTable, section } from '../../components/section.ts';
import { cellText, timeText } from '../../components/text.ts';
import { pickleWords } from '../../components/pickle.ts';
import { approvalSection, gateSection } from './gates.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { reportSection } from '../../components/reports.ts';
import { tensorTable } from '../../components/tensors.ts';
import { referenceTo, modelUri } from '../../../daemon/shared/references.ts';
import { countedEvidence, ruleText, sourceText } from '../../../daemon/shared/evidence.ts';
import type { RunRelation } from '../../../daemon/protocol/routes/versions.ts';
import { betterText, earlierSaveText } from '../../../daemon/shared/run-relation.ts';
import { sizeText } from '../../../daemon/shared/format.ts';

type Part = TemplateResult | typeof nothing;

/** Shows everything about one version. */
export function versionPage(
  { detail, model, history, gateReports }: VersionView,
  { canChange, canApprove }: { canChange: boolean; canApprove: boolean },
  curves: Part,
): TemplateResult {
  const { version, facts: found, lineage } = detail;
  return html`${head(version, model.pointers.find(({ name }) => name === 'production')?.holder ?? null, canChange)}
    <main>
      ${section('problems', l10n.t('Problems'), problems(version, history))}
      ${gateReports.map((report, index) => gateSection(`gates-${index}`, report, version, canChange))}
      ${approvalSection(version, detail.approvals ?? [], gateReports, { canChange, canApprove })}
      ${section('facts', l10n.t('Details'), factRows(version, found, detail.ofRun))}
      ${betterPart(detail.ofRun, canChange)} ${metrics(detail)} ${curves}
      ${lineage ? reportSection(referenceTo(version.model, version.number), lineage) : nothing}
      ${values('params', l10n.t('Parameters'), version.params)}
      ${section('lineage', l10n.t('Lineage'), lineage ? lineageRows(version, lineage) : nothing)}
      ${section('data', l10n.t('Data'), lineage ? dataRows(lineage) : nothing)}
      ${section('files', l10n.t('Files'), files(detail))} ${section('tensors', l10n.t('Tensors'), tensorTable(found))}
      ${section('pickle', l10n.t('Pickle safety'), pickleWords(found))}
      ${section('evidence', l10n.t('Evidence'), evidence(detail))}
      ${section('deployments', l10n.t('Deployments'), deploymentRows(detail.deployments ?? []))}
      ${section(
        'notes',
        l10n.t('Comments'),
        plainTable(
          l10n.t('Comments'),
          [l10n.t('When'), l10n.t('By'), l10n.t('What')],
          detail.comments.map(({ at, actor, text }) => [timeText(at), actor, text]),
        ),
      )}
      ${section('history', l10n.t('History'), historyList(history))}
    </main>`;
}

function head(version: Version, production: number | null, canChange: boolean): TemplateResult {
  const reference = referenceTo(version.model, version.number);
  const places = [version.stage, ...version.aliases.map((alias) => `@${alias}`)];
  const open = (place: Parameters<typeof host.post>[0]) => () => host.post(place);
  const compare = production !== null && production !== version.number;
  return html`<header>
    <h1>${reference}</h1>
    <p class="summary">
      ${places.join(' · ')}${version.description === '' ? nothing : html` · ${version.description}`}
    </p>
    <div class="acts">
      ${canChange && version.state === 'ready' ? button(l10n.t('Promote…'), open({ kind: 'promote', reference }), true) : nothing}
      ${
        compare
          ? button(
              l10n.t('Compare with Production'),
              open({
                kind: 'open',
                place: { page: 'compare', versions: [referenceTo(version.model, production), reference] },
              }),
            )
          : nothing
      }
      ${button(l10n.t('Model'), open({ kind: 'open', place: { page: 'model', model: version.model } }))}
      ${button(l10n.t('Lineage'), open({ kind: 'open', place: { page: 'lineage', model: version.model, version: String(version.number) } }))}
      ${button(l10n.t('Copy Model URI'), open({ kind: 'copy', text: modelUri(version.model, version.number) }))}
    </div>
  </header>`;
}

function problems({ problems: found, state, number }: Version, history: readonly ThinEvent[]): Part {
  const damaged = state === 'damaged' ? [l10n.t('Files are corrupted. Run Verify Integrity for details.')] : [];
  const past = history.flatMap((event) => (event.number === number ? (bypassText(event) ?? []) : []));
  const texts = [...damaged, ...past, ...found.map(({ message }) => message)];
  return texts.length === 0
    ? nothing
    : html`<ul>
        ${texts.map((text) => html`<li class="worse">▼ ${text}</li>`)}
      </ul>`;
}

function factRows(version: Version, found: ModelFacts, ofRun: RunRelation | undefined): Part {
  const { source } = version;
  const field = ({ name, dtype, shape }: { name: string; dtype: string; shape: (number | string)[] }): string =>
    `${name} ${dtype}[${shape.join(', ')}]`;
  return facts([
    [l10n.t('Framework'), [version.framework, version.frameworkVersion].filter((part) => part !== null).join(' ')],
    [l10n.t('Format'), version.format],
    [l10n.t('Class'), version.modelClass],
    [l10n.t('Parameters'), version.parameterCount === null ? null : version.parameterCount.toLocaleString()],
    [l10n.t('Inputs'), found.signature?.inputs.map(field).join(', ')],
    [l10n.t('Outputs'), found.signature?.outputs.map(field).join(', ')],
    [
      l10n.t('Size'),
      isExternal(version)
        ? l10n.t('External files')
        : `${sizeText(version.size)} · ${version.files === 1 ? l10n.t('1 file') : l10n.t('{0} files', version.files)}`,
    ],
    [l10n.t('Checksum'), version.digest],
    [l10n.t('Source path'), source.path],
    [l10n.t('Run'), source.run],
    [l10n.t('Save'), ofRun ? earlierSaveText(ofRun) : null],
    [l10n.t('Saved'), source.writtenAt === null ? null : timeText(source.writtenAt)],
    [l10n.t('Registered'), `${timeText(version.createdAt)} · ${version.actor}`],
    [
      l10n.t('Tags'),
      Object.entries(version.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
  ]);
}

/** Shows a checkpoint of the same run that the log calls better, with the action that registers it. */
function betterPart(ofRun: RunRelation | undefined, canChange: boolean): Part {
  const better = ofRun?.better;
  if (!better) return nothing;
  const register = (): void => host.post({ kind: 'register', path: better.path });
  const act = canChange && better.isOnDisk ? button(l10n.t('Register'), register) : nothing;
  const name = better.path.slice(better.path.lastIndexOf('/') + 1);
  return section('better', l10n.t('Better checkpoint'), html`<p>${betterText(better, name)}</p>`, act);
}

function values(id: string, title: string, of: Version['metrics'] | Version['params']): Part {
  const rows = Object.entries(of).map(([name, value]) => [name, cellText(value)]);
  if (rows.length === 0) return nothing;
  const copy = copyButton(title, () => [[title, ''], ...rows]);
  return section(id, title, facts(rows.map(([name = '', value = '']) => [name, value] as const)), copy);
}

/** Shows metrics with the source of each, and the rule that links it to this version. */
function metrics({ version, evidence: all }: VersionView['detail']): Part {
  const counted = countedEvidence(all);
  const rows = Object.entries(version.metrics).map(([name, value]) => {
    const from = counted.findLast((one) => Object.hasOwn(one.metrics, name));
    return [name, cellText(value), from ? sourceText(from) : ''];
  });
  if (rows.length === 0) return nothing;
  const title = l10n.t('Metrics');
  const copy = copyButton(title, () => [[title, '', ''], ...rows]);
  const shown = rows.map(
    ([name = '', value = '', from = '']) => [name, html`${value} <small>${from}</small>`] as const,
  );
  return section('metrics', title, facts(shown), copy);
}

function lineageRows(version: Version, lineage: Lineage): Part {
  const { code, process, environment, seeds, captured, missing } = lineage;
  const reference = referenceTo(version.model, version.number);
  const state =
    code?.changed === true ? l10n.t('with uncommitted changes') : code?.changed === false ? l10n.t('clean') : '';
  const show = (path: string): TemplateResult =>
    html`<button class="link" @click=${() => host.post({ kind: 'captured', reference, path })}>${path}</button> `;
  return facts([
    [l10n.t('Commit'), code ? [code.commit, code.branch ?? '', state].filter((part) => part !== '').join(' · ') : null],
    [l10n.t('Repository'), code?.remote ?? code?.repository],
    [l10n.t('Command'), process?.command.join(' ')],
    [l10n.t('Interpreter'), process ? `${process.interpreter} · ${process.folder}` : null],
    [
      l10n.t('Environment'),
      environment
        ? `Python ${environment.python ?? '?'} · ${l10n.t('{0} packages', Object.keys(environment.packages).length)}${environment.cuda === null ? '' : ` · CUDA ${environment.cuda}`}`
        : null,
    ],
    [
      l10n.t('Seeds'),
      Object.entries(seeds)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    [l10n.t('Captured files'), captured.length === 0 ? null : html`${captured.map(({ path }) => show(path))}`],
    [l10n.t('Not captured'), missing.join(' ')],
  ]);
}

function dataRows({ data }: Lineage): Part {
  const rows = data.map(({ path, size, digest, rows: count, columns, named }) => [
    path,
    sizeText(size),
    count === null ? '' : String(count),
    columns?.join(', ') ?? '',
    cellText(digest),
    named,
  ]);
  return plainTable(
    l10n.t('Data'),
    [l10n.t('Path'), l10n.t('Size'), l10n.t('Rows'), l10n.t('Columns'), l10n.t('Checksum'), l10n.t('Referenced by')],
    rows,
  );
}

function files({ files: found, version }: VersionView['detail']): Part {
  const rows = found.map(({ path, size, sha256 }) => [path === '' ? version.primary : path, sizeText(size), sha256]);
  return plainTable(l10n.t('Files'), [l10n.t('File'), l10n.t('Size'), 'SHA-256'], rows);
}

function evidence({ evidence: found }: VersionView['detail']): Part {
  const rows = found.map(({ source, at, actor, metrics: numbers, params, origin }) => [
    source,
    origin === undefined ? ruleText(origin) : `${ruleText(origin)}: ${origin.reason}`,
    String(Object.keys(numbers).length),
    String(Object.keys(params).length),
    timeText(at),
    actor,
  ]);
  return plainTable(
    l10n.t('Evidence'),
    [l10n.t('Source'), l10n.t('Rule'), l10n.t('Metrics'), l10n.t('Parameters'), l10n.t('When'), l10n.t('By')],
    rows,
  );
}

function deploymentRows(deployments: readonly Deployment[]): Part {
  const outcome = ({ finishedAt, problem }: Deployment): string =>
    finishedAt === null ? l10n.t('running') : problem === null ? `✓ ${l10n.t('deployed')}` : `✗ ${problem}`;
  const rows = deployments.map((one) => [timeText(one.startedAt), pointerText(one), outcome(one), one.run, one.said]);
  const head = [l10n.t('When'), l10n.t('For'), l10n.t('Outcome'), l10n.t('Command'), l10n.t('Output')];
  return plainTable(l10n.t('Deployments'), head, rows);
}
