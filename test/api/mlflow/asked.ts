import { startService, type TestService, type ServiceOptions } from '../../support/daemon.ts';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

/** A daemon, and the requests that an MLflow client would send. */
export interface Mlflow extends TestService {
  /**
   * Sends a request. The fields of a GET go into the query, those of other methods into a JSON body. The path is below
   * `/api/2.0/mlflow/`, or absolute.
   */
  ask(method: string, path: string, fields?: object): Promise<Answer>;
  /** Like `ask`, but fails unless the status is 200. */
  ok(method: string, path: string, fields?: object): Promise<Record<string, unknown>>;
  /** Sends exactly this request. */
  send(path: string, options: RequestInit): Promise<Answer>;
  /** Returns `error_code: message` of a refusal. */
  refused(method: string, path: string, fields?: object): Promise<string>;
}

export async function startMlflowService(wanted: ServiceOptions = {}): Promise<Mlflow> {
  const service = await startService(wanted);
  const { token } = await service.client.call('GET /mlflow', {});
  const send = async (path: string, options: RequestInit): Promise<Answer> => {
    const url = `http://127.0.0.1:${service.daemon.file.port}${path.startsWith('/') ? '' : '/api/2.0/mlflow/'}${path}`;
    const headers = { authorization: `Bearer ${token}`, ...(options.headers as Record<string, string>) };
    const response = await fetch(url, { ...options, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, body, text, headers: response.headers };
  };
  const ask: Mlflow['ask'] = (method, path, fields = {}) => {
    if (method === 'GET') return send(`${path}${queryOf(fields)}`, {});
    const headers = { 'content-type': 'application/json' };
    return send(path, { method, headers, body: JSON.stringify(fields) });
  };
  return {
    ...service,
    send,
    ask,
    ok: async (method, path, fields) => {
      const { status, body, text } = await ask(method, path, fields);
      if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
      return body;
    },
    refused: async (method, path, fields) => {
      const { status, body } = await ask(method, path, fields);
      return `${status} ${String(body['error_code'])}: ${String(body['message'])}`;
    },
  };
}

function queryOf(fields: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields))
    for (const one of Array.isArray(value) ? value : [value]) query.append(key, String(one));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** Creates a run in the default experiment and returns its id. */
export async function runIn(service: Mlflow, fields: object = {}): Promise<string> {
  const { run } = await service.ok('POST', 'runs/create', { experiment_id: '0', start_time: 1, ...fields });
  return (run as { info: { run_id: string } }).info.run_id;
}
