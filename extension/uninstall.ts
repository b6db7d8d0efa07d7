import { defaultDataFolder } from '../daemon/config.ts';
import { findDaemon } from '../daemon/clients/client/discover.ts';
import { connect } from '../daemon/clients/client/request.ts';

/** VS Code runs this, without its API, after the extension was removed. Stops the service unless others use it. */
async function leave(): Promise<void> {
  const daemon = await findDaemon(defaultDataFolder());
  if (daemon) await connect(daemon, 'vscode').call('POST /stop', { unlessInUse: true });
}

leave().catch(() => undefined);
