import * as vscode from 'vscode';
import { serviceUrl } from '../daemon/clients/client/address.ts';
import { reachUrl } from '../daemon/clients/client/remote.ts';
import type { Client } from '../daemon/clients/client/request.ts';
import { Unavailable } from '../daemon/clients/client/unavailable.ts';
import { setting } from './settings.ts';

/** The registry on another machine that `plinth.remote.url` names, with its token in the editor's secret storage. */
export class RemoteRegistry {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** Address as it is set; undefined for the registry of this machine. */
  get url(): string | undefined {
    return setting('remote.url', '').trim() || undefined;
  }

  /** Connects. Throws a sentence if no token is stored, or no Plinth answers. */
  async reach(url: string): Promise<Client> {
    const token = await this.#secrets.get(keyOf(url));
    if (token !== undefined) return reachUrl(url, token, 'vscode');
    throw new Unavailable(vscode.l10n.t('No access token is stored for {0}. Run the command Set Access Token.', url));
  }

  /** Returns address and token as variables for programs that the editor starts; empty for the registry of this machine. */
  async variables(): Promise<Record<string, string>> {
    const { url } = this;
    const token = url === undefined ? undefined : await this.#secrets.get(keyOf(url));
    return url === undefined || token === undefined ? {} : { PLINTH_URL: url, PLINTH_TOKEN: token };
  }

  /** Asks for the token of the address and stores it; an empty one is removed. False if the person cancelled. */
  async askToken(): Promise<boolean> {
    const { url } = this;
    if (url === undefined) throw new Unavailable(vscode.l10n.t('Set plinth.remote.url first.'));
    const prompt = vscode.l10n.t('Access token for {0}. An admin creates it with: plinth token create. Leave it empty to remove the stored one.', serviceUrl(url)); // prettier-ignore
    const token = await vscode.window.showInputBox({ prompt, password: true, ignoreFocusOut: true });
    if (token === undefined) return false;
    if (token.trim() === '') await this.#secrets.delete(keyOf(url));
    else await this.#secrets.store(keyOf(url), token.trim());
    return true;
  }
}

/** Tokens are kept for each address, so that none is sent to another one. */
function keyOf(url: string): string {
  return `plinth.token ${serviceUrl(url)}`;
}
