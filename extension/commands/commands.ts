import { comparing } from './compare.ts';
import { copying } from './copy.ts';
import { gating } from './gates.ts';
import { keeping } from './prune.ts';
import { making } from './reproduce.ts';
import { promoting } from './promote.ts';
import { references } from './code-references.ts';
import { rollingBack } from './roll-back.ts';
import { servicing } from './service.ts';
import { sources } from './watched-folders.ts';
import { staging } from './stages.ts';
import type { Command } from './command.ts';
import { showing } from './tree-view.ts';
import { versions } from './versions.ts';
import { words } from './annotate.ts';

/** All commands. Each exists also while the service is down, and then starts it or explains why it cannot. */
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
