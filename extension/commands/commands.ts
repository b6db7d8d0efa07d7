import { compareCommands } from './compare.ts';
import { copyCommands } from './copy.ts';
import { deleteCommands } from './delete.ts';
import { gateCommands } from './gates.ts';
import { pruneCommands } from './prune.ts';
import { reproduceCommands } from './reproduce.ts';
import { reportCommands } from './report-issue.ts';
import { promoteCommands } from './promote.ts';
import { referenceCommands } from './code-references.ts';
import { rollBackCommands } from './roll-back.ts';
import { serviceCommands } from './service.ts';
import { folderCommands } from './watched-folders.ts';
import { suppressedMessageCommands } from './suppressed-messages.ts';
import { stageCommands } from './stages.ts';
import type { Command } from './command.ts';
import { treeCommands } from './tree-view.ts';
import { versionCommands } from './versions.ts';
import { annotateCommands } from './annotate.ts';

/** All commands. Each exists also while the service is down, and then starts it or explains why it cannot. */
export const commands: readonly Command[] = [
  ...promoteCommands,
  ...gateCommands,
  ...pruneCommands,
  ...rollBackCommands,
  ...stageCommands,
  ...versionCommands,
  ...deleteCommands,
  ...annotateCommands,
  ...copyCommands,
  ...compareCommands,
  ...referenceCommands,
  ...folderCommands,
  ...reproduceCommands,
  ...serviceCommands,
  ...reportCommands,
  ...suppressedMessageCommands,
  ...treeCommands,
];
