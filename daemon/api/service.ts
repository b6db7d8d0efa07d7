import type { Context } from '../context.ts';
import type { Ingest } from '../ingest/service.ts';
import type { Status } from '../protocol/routes/system.ts';
import type { PageSessions } from '../access/page-sessions.ts';
import type { Identify } from '../registry/versions/identify.ts';
import type { SeriesReader } from '../registry/series/series.ts';
import type { TensorJobs } from '../registry/tensors/tensors.ts';

/** Gives endpoints the registry's context, ingest and the few operations of the daemon itself. */
export interface Service {
  ctx: Context;
  ingest: Ingest;
  pages: PageSessions;
  series: SeriesReader;
  tensors: TensorJobs;
  identify: Identify;
  /** The MLflow dialect: its token, and whether it behaves as MLflow's server does where ours is stricter. */
  mlflow: { token(): string; renew(): string; strict: boolean };
  /** Proves to a client that connected to this port that it is this service. */
  prove(nonce: string, port: number): string;
  status(): Status;
  backup(): Promise<{ path: string; bytes: number }>;
  /** Called for every request that passed the guard: somebody uses the daemon. */
  used(): void;
  /** Clients that hold the event stream open. */
  clients(): number;
  /** Begins the graceful stop; returns at once. */
  stop(): void;
}
