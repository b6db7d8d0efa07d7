import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import type { Version } from '../../../daemon/protocol/model.ts';
import type { RunRelation } from '../../../daemon/protocol/routes/versions.ts';
import { betterText, earlierSaveText } from '../../../daemon/shared/runs/run-relation.ts';
import { baseName, leaf, type Node } from '../nodes.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import * as l10n from '@vscode/l10n';
import { sizeText } from '../../../daemon/shared/format.ts';

/** Shows the origin of a version. It is read when the row is opened. */
export function lineageNode(id: string, version: Version, mirror: Mirror): Node {
  const detail = mirror.details.get(`${version.model}@${version.number}`);
  const commit = detail?.lineage?.code?.commit.slice(0, 8) ?? '';
  return {
    ...leaf(`${id}:lineage`, l10n.t('Lineage'), commit, 'git-commit'),
    context: 'lineage',
    subject: { kind: 'lineage', version },
    children: detail
      ? [...runNodes(`${id}:r`, detail.ofRun), ...lineageNodes(`${id}:l`, version, detail.lineage)]
      : null,
  };
}

/** Shows when a version is an earlier save of its run, and any better checkpoint that could be registered. */
function runNodes(id: string, ofRun: RunRelation | undefined): Node[] {
  if (!ofRun) return [];
  const earlier = earlierSaveText(ofRun);
  const { better } = ofRun;
  const rows = earlier === null ? [] : [leaf(`${id}:save`, l10n.t('save'), earlier, 'history')];
  if (!better) return rows;
  const text = betterText(better, baseName(better.path));
  const row: Node = { ...leaf(`${id}:better`, l10n.t('better checkpoint'), text, 'lightbulb'), tooltip: better.path };
  return [
    ...rows,
    better.isOnDisk ? { ...row, context: 'better', subject: { kind: 'better', path: better.path } } : row,
  ];
}

type Row = [key: string, label: string, value: string, icon: string];

function lineageNodes(id: string, version: Version, lineage: Lineage | null): Node[] {
  const rows = [...sourceRows(version), ...(lineage ? foundRows(lineage) : [])];
  const facts = rows
    .filter(([, , value]) => value !== '')
    .map(([key, label, value, icon]) => leaf(`${id}:${key}`, label, value, icon));
  return [...facts, ...(lineage ? dataNodes(id, lineage) : [])];
}

function sourceRows({ source, actor }: Version): Row[] {
  const written = source.writtenAt === null ? '' : new Date(source.writtenAt).toLocaleString();
  const ways = {
    watch: l10n.t('Detected in watched folder'),
    hand: l10n.t('Registered manually'),
    move: l10n.t('moved'),
    import: l10n.t('imported'),
    mlflow: l10n.t('Logged by an MLflow client'),
  };
  return [
    ['path', l10n.t('source path'), source.path, 'file'],
    ['run', l10n.t('run'), source.run ?? '', 'beaker'],
    ['written', l10n.t('saved'), written, 'clock'],
    ['by', l10n.t('registered by'), `${actor} · ${ways[source.kind]}`, 'person'],
  ];
}

function foundRows({ code, process, environment, missing }: Lineage): Row[] {
  const state =
    code?.changed === true ? l10n.t('with uncommitted changes') : code?.changed === false ? l10n.t('clean') : '';
  const commit = code
    ? [code.commit.slice(0, 12), code.branch ?? '', state].filter((part) => part !== '').join(' · ')
    : '';
  const packages = environment ? l10n.t('{0} packages', Object.keys(environment.packages).length) : '';
  const python = environment
    ? [`Python ${environment.python ?? '?'}`, environment.cuda ? `CUDA ${environment.cuda}` : '', packages]
    : [];
  return [
    ['commit', l10n.t('commit'), commit, 'git-commit'],
    ['repository', l10n.t('repository'), code?.remote ?? code?.repository ?? '', 'repo'],
    ['command', l10n.t('command'), process?.command.join(' ') ?? '', 'terminal'],
    ['environment', l10n.t('environment'), python.filter((part) => part !== '').join(' · '), 'package'],
    ['missing', l10n.t('not captured'), missing.join(' '), 'question'],
  ];
}

function dataNodes(id: string, { data }: Lineage): Node[] {
  return data.map(({ path, size: bytes, rows, columns, digest, named }) => {
    const shape = rows === null ? '' : columns === null ? l10n.t('{0} rows', rows) : `${rows} × ${columns.length}`;
    const description = [sizeText(bytes), shape, named].filter((part) => part !== '').join(' · ');
    return {
      ...leaf(`${id}:d:${path}`, path, description, 'database'),
      tooltip: `${path}\n${digest}\n${(columns ?? []).join(', ')}`,
    };
  });
}
