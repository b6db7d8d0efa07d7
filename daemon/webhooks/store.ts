import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { writeWhole } from '../runtime/write-file.ts';
import type { Delivery, Webhook } from '../protocol/routes/webhooks.ts';

/** A webhook with what no list shows. */
export interface StoredWebhook extends Webhook {
  secret: string;
  /** Template `own`. */
  body?: string;
  /** Certificates as PEM, if `hasAuthority`. */
  ca?: string;
}

/** Content of `webhooks.json` in the data folder (mode 0600). It belongs to this machine, and is no part of the log. */
export interface StoredWebhooks {
  webhooks: StoredWebhook[];
  /** Oldest first. */
  deliveries: Delivery[];
  /** Last event that was turned into deliveries; absent in files of earlier programs. */
  seen?: number;
}

const fileName = 'webhooks.json';
/** Fields that webhooks of earlier programs lack. */
const addedLater = { models: [], hasAuthority: false };

/** Returns the stored webhooks; none without a file. Throws if the file cannot be read. */
export function readWebhooks(dataFolder: string): StoredWebhooks {
  try {
    const stored = JSON.parse(readFileSync(join(dataFolder, fileName), 'utf8')) as StoredWebhooks;
    return { ...stored, webhooks: stored.webhooks.map((one) => ({ ...addedLater, ...one })) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { webhooks: [], deliveries: [] };
    throw error;
  }
}

export function writeWebhooks(dataFolder: string, stored: StoredWebhooks): void {
  writeWhole(join(dataFolder, fileName), JSON.stringify(stored), { mode: 0o600 });
}
