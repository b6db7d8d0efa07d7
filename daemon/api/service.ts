import type { Context } from '../context.ts';
import type { Ingest } from '../ingest/service.ts';
import type { Status } from '../protocol/routes/system.ts';
import type { PageSessions } from '../access/page-sessions.ts';
import type { Identify } from '../registry/versions/identify.ts';
import type { SeriesReader } from '../registry/series/series.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { TensorJobs } from '../registry/tensors/tensors.ts';

/** Everything that endpoints may use: the registry's context, ingest, and operations of the service itself. */
export interface Service {
  ctx: Context;
  ingest: Ingest;
  pages: PageSessions;
  series: SeriesReader;
  tensors: TensorJobs;
  identify: Identify;
  webhooks: Webhooks;
  /** The MLflow dialect: its token, and whether it behaves like MLflow's server where ours is stricter. */
  mlflow: { token(): string; renew(): string; strict: boolean };
  /** Returns the proof of this service's identity for a client on this port. */
  prove(nonce: string, port: number): string;
  status(): Status;
  backup(): Promise<{ path: string; bytes: number }>;
  /** Called for every request that passed the guard. */
  used(): void;
  /** Returns the number of clients with an open event stream. */
  clients(): number;
  /** Starts to stop gracefully; returns immediately. */
  stop(): void;
}
