import { comparing } from './compare.ts';
import { copying } from './copy.ts';
import { gating } from './gates.ts';
import { keeping } from './keeping.ts';
import { making } from './making.ts';
import { promoting } from './promote.ts';
import { references } from './references.ts';
import { rollingBack } from './roll-back.ts';
import { servicing } from './service.ts';
import { sources } from './sources.ts';
import { staging } from './stages.ts';
import type { Command } from './table.ts';
import { showing } from './tree.ts';
import { versions } from './versions.ts';
import { words } from './words.ts';

/** Every command; all exist while the service is down: they start it, or explain. */
export const commands: readonly Command[] = [
  ...promoting,
  ...gating,
  ...keeping,
  ...rollingBack,
  ...staging,
  ...versions,
  ...words,
  ...copying,
  ...comparing,
  ...references,
  ...sources,
  ...making,
  ...servicing,
  ...showing,
];
