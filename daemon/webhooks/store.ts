import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { writeWhole } from '../runtime/write-file.ts';
import type { Delivery, Webhook } from '../protocol/routes/webhooks.ts';

/** Content of `webhooks.json` in the data folder (mode 0600). It belongs to this machine, and is no part of the log. */
export interface StoredWebhooks {
  webhooks: (Webhook & { secret: string })[];
  /** Oldest first. */
  deliveries: Delivery[];
  /** Last event that was turned into deliveries; absent in files of earlier programs. */
  seen?: number;
}

const fileName = 'webhooks.json';

/** Returns the stored webhooks; none without a file. Throws if the file cannot be read. */
export function readWebhooks(dataFolder: string): StoredWebhooks {
  try {
    return JSON.parse(readFileSync(join(dataFolder, fileName), 'utf8')) as StoredWebhooks;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { webhooks: [], deliveries: [] };
    throw error;
  }
}

export function writeWebhooks(dataFolder: string, stored: StoredWebhooks): void {
  writeWhole(join(dataFolder, fileName), JSON.stringify(stored), { mode: 0o600 });
}
