import { html, nothing, type TemplateResult } from 'lit';
import type { ThinEvent } from '../../daemon/protocol/events.ts';
import type { Lineage } from '../../daemon/protocol/lineage.ts';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import { isExternal, type Version } from '../../daemon/protocol/model.ts';
import type { Deployment } from '../../daemon/protocol/rules.ts';
import type { VersionView } from '../protocol.ts';
import { host } from '../shared/host.ts';
import { bypassText, eventRows } from '../shared/events.ts';
import { say } from '../shared/say.ts';
import { button, copyButton, facts, plainTable, section } from '../shared/section.ts';
import { cellText, timeText } from '../shared/text.ts';
import { pickleWords } from '../shared/pickle.ts';
import { approvalSection, gateSection } from './gates.ts';
import { labelOf } from '../shared/gate-table.ts';
import { tensorTable } from '../shared/tensors.ts';
import { referenceTo } from '../../daemon/protocol/reference.ts';
import { sizeText } from '../../daemon/shared/format.ts';

type Part = TemplateResult | typeof nothing;

/** All that is known of one version. */
export function versionPage(
  { detail, model, history, verdicts }: VersionView,
  { canChange, canApprove }: { canChange: boolean; canApprove: boolean },
  curves: Part,
): TemplateResult {
  const { version, facts: found, lineage } = detail;
  return html`${head(version, model.pointers.find(({ name }) => name === 'production')?.holder ?? null, canChange)}
    <main>
      ${section('problems', say('Problems'), problems(version, history))}
      ${verdicts.map((verdict, index) => gateSection(`gates-${index}`, verdict, version, canChange))}
      ${approvalSection(version, detail.approvals ?? [], verdicts, { canChange, canApprove })}
      ${section('facts', say('Facts'), factRows(version, found))} ${values('metrics', say('Metrics'), version.metrics)}
      ${curves} ${values('params', say('Parameters'), version.params)}
      ${section('lineage', say('Lineage'), lineage ? lineageRows(version, lineage) : nothing)}
      ${section('data', say('Data'), lineage ? dataRows(lineage) : nothing)}
      ${section('files', say('Files'), files(detail))} ${section('tensors', say('Tensors'), tensorTable(found))}
      ${section('pickle', say('Pickle'), pickleWords(found))} ${section('evidence', say('Evidence'), evidence(detail))}
      ${section('deployments', say('Deployments'), deploymentRows(detail.deployments ?? []))}
      ${section(
        'notes',
        say('Comments'),
        plainTable(
          say('Comments'),
          [say('when'), say('by'), say('what')],
          detail.comments.map(({ at, actor, text }) => [timeText(at), actor, text]),
        ),
      )}
      ${section('history', say('History'), historyOf(history))}
    </main>`;
}

function head(version: Version, production: number | null, canChange: boolean): TemplateResult {
  const reference = referenceTo(version.model, version.number);
  const places = [version.stage, ...version.aliases.map((alias) => `@${alias}`)];
  const open = (place: Parameters<typeof host.post>[0]) => () => host.post(place);
  const compare = production !== null && production !== version.number;
  return html`<header>
    <h1>${reference}</h1>
    <p class="verdict">
      ${places.join(' · ')}${version.description === '' ? nothing : html` · ${version.description}`}
    </p>
    <div class="acts">
      ${canChange && version.state === 'ready' ? button(say('Promote…'), open({ kind: 'promote', reference }), true) : nothing}
      ${
        compare
          ? button(
              say('Compare with Production'),
              open({
                kind: 'open',
                place: { page: 'compare', versions: [referenceTo(version.model, production), reference] },
              }),
            )
          : nothing
      }
      ${button(say('Model'), open({ kind: 'open', place: { page: 'model', model: version.model } }))}
      ${button(say('Lineage'), open({ kind: 'open', place: { page: 'lineage', model: version.model, version: String(version.number) } }))}
      ${button(say('Copy URI'), open({ kind: 'copy', text: `models:/${version.model}/${version.number}` }))}
    </div>
  </header>`;
}

function problems({ problems: found, state, number }: Version, history: readonly ThinEvent[]): Part {
  const damaged = state === 'damaged' ? [say('Its bytes are damaged: verify integrity to see how.')] : [];
  const past = history.flatMap((event) => (event.number === number ? (bypassText(event) ?? []) : []));
  const texts = [...damaged, ...past, ...found.map(({ message }) => message)];
  return texts.length === 0
    ? nothing
    : html`<ul>
        ${texts.map((text) => html`<li class="worse">▼ ${text}</li>`)}
      </ul>`;
}

function factRows(version: Version, found: ModelFacts): Part {
  const { source } = version;
  const field = ({ name, dtype, shape }: { name: string; dtype: string; shape: (number | string)[] }): string =>
    `${name} ${dtype}[${shape.join(', ')}]`;
  return facts([
    [say('framework'), [version.framework, version.frameworkVersion].filter((part) => part !== null).join(' ')],
    [say('format'), version.format],
    [say('class'), version.modelClass],
    [say('parameters'), version.parameterCount === null ? null : version.parameterCount.toLocaleString()],
    [say('inputs'), found.signature?.inputs.map(field).join(', ')],
    [say('outputs'), found.signature?.outputs.map(field).join(', ')],
    [
      say('size'),
      isExternal(version) ? say('external bytes') : `${sizeText(version.size)} · ${say('{0} files', version.files)}`,
    ],
    [say('digest'), version.digest],
    [say('from'), source.path],
    [say('run'), source.run],
    [say('written'), source.writtenAt === null ? null : timeText(source.writtenAt)],
    [say('registered'), `${timeText(version.createdAt)} · ${version.actor}`],
    [
      say('tags'),
      Object.entries(version.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
  ]);
}

function values(id: string, title: string, of: Version['metrics'] | Version['params']): Part {
  const rows = Object.entries(of).map(([name, value]) => [name, cellText(value)]);
  if (rows.length === 0) return nothing;
  const copy = copyButton(title, () => [[title, ''], ...rows]);
  return section(id, title, facts(rows.map(([name = '', value = '']) => [name, value] as const)), copy);
}

function lineageRows(version: Version, lineage: Lineage): Part {
  const { code, process, environment, seeds, captured, missing } = lineage;
  const reference = referenceTo(version.model, version.number);
  const state = code?.changed === true ? say('with uncommitted changes') : code?.changed === false ? say('clean') : '';
  const show = (path: string): TemplateResult =>
    html`<button class="link" @click=${() => host.post({ kind: 'captured', reference, path })}>${path}</button> `;
  return facts([
    [say('commit'), code ? [code.commit, code.branch ?? '', state].filter((part) => part !== '').join(' · ') : null],
    [say('repository'), code?.remote ?? code?.repository],
    [say('command'), process?.command.join(' ')],
    [say('run by'), process ? `${process.interpreter} · ${process.folder}` : null],
    [
      say('environment'),
      environment
        ? `Python ${environment.python ?? '?'} · ${say('{0} packages', Object.keys(environment.packages).length)}${environment.cuda === null ? '' : ` · CUDA ${environment.cuda}`}`
        : null,
    ],
    [
      say('seeds'),
      Object.entries(seeds)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    [say('kept'), captured.length === 0 ? null : html`${captured.map(({ path }) => show(path))}`],
    [say('not seen'), missing.join(' ')],
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
    say('Data'),
    [say('path'), say('size'), say('rows'), say('columns'), say('digest'), say('named by')],
    rows,
  );
}

function files({ files: found, version }: VersionView['detail']): Part {
  const rows = found.map(({ path, size, sha256 }) => [path === '' ? version.primary : path, sizeText(size), sha256]);
  return plainTable(say('Files'), [say('file'), say('size'), 'SHA-256'], rows);
}

function evidence({ evidence: found }: VersionView['detail']): Part {
  const rows = found.map(({ source, at, actor, metrics, params }) => [
    source,
    String(Object.keys(metrics).length),
    String(Object.keys(params).length),
    timeText(at),
    actor,
  ]);
  return plainTable(say('Evidence'), [say('source'), say('metrics'), say('parameters'), say('when'), say('by')], rows);
}

function deploymentRows(deployments: readonly Deployment[]): Part {
  const outcome = ({ finishedAt, problem }: Deployment): string =>
    finishedAt === null ? say('running') : problem === null ? `✓ ${say('deployed')}` : `✗ ${problem}`;
  const rows = deployments.map((one) => [timeText(one.startedAt), labelOf(one), outcome(one), one.run, one.said]);
  const head = [say('when'), say('for'), say('outcome'), say('command'), say('said')];
  return plainTable(say('Deployments'), head, rows);
}

function historyOf(history: readonly ThinEvent[]): Part {
  return plainTable(say('History'), [say('when'), say('what'), say('by'), say('event')], eventRows(history));
}
