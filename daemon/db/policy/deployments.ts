import type { Database, Row } from '../database.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import type { DeploymentBody } from '../../protocol/events.ts';
import type { PointerKind } from '../../protocol/model.ts';

/** Returns the deployment commands that ran for a version, oldest first. */
export function deploymentsOf(db: Database, model: string, number: number): Deployment[] {
  const text = 'SELECT * FROM deployments WHERE model = ? AND number = ? ORDER BY moved';
  return db.sql(text).all(model, number).map(deploymentFromRow);
}

/** Returns deployments that were started and have no recorded end, with their model's id. */
export function openDeployments(db: Database): DeploymentBody[] {
  const rows = db.sql('SELECT * FROM deployments WHERE finished_at IS NULL ORDER BY moved').all();
  return rows.map((row) => {
    const { kind, name, moved } = deploymentFromRow(row);
    return { model: String(row['model']), number: Number(row['number']), kind, name, moved };
  });
}

/** Returns the digests of blobs with the output of deployments. */
export function deploymentDigests(db: Database): string[] {
  const rows = db.sql('SELECT output FROM deployments WHERE output IS NOT NULL').all();
  return rows.map((row) => String(row['output']));
}

function deploymentFromRow(row: Row): Deployment {
  const orNull = (key: string): number | null => (row[key] === null ? null : Number(row[key]));
  const text = (key: string): string | null => (row[key] === null ? null : String(row[key]));
  return {
    moved: Number(row['moved']),
    kind: String(row['kind']) as PointerKind,
    name: String(row['name']),
    run: String(row['run']),
    startedAt: Number(row['started_at']),
    finishedAt: orNull('finished_at'),
    exit: orNull('exit'),
    problem: text('problem'),
    said: text('said') ?? '',
    output: text('output'),
  };
}
