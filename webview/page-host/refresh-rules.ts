import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { runFolderIn, splitReference } from '../../daemon/shared/references.ts';
import type { PageLocation } from '../protocol.ts';

/** Events come in bursts, and one redraw is enough for a burst. */
export const refreshAfterMs = 150;
/** Running runs are reported several times a second, and this page reads all of their saves. */
const refreshRunsAfterMs = 1000;

/** Returns how soon a page must be read again after a message of the stream; undefined when the message does not concern it. */
export function refreshDelay(location: PageLocation, message: StreamMessage): number | undefined {
  switch (message.kind) {
    case 'resync':
      return refreshAfterMs;
    case 'event':
      return isAbout(location, message.event.model) ? refreshAfterMs : undefined;
    case 'run':
      if (location.page === 'runs') return refreshRunsAfterMs;
      return location.page === 'run' || comparesRun(location) ? refreshAfterMs : undefined;
    case 'artifact':
      return location.page === 'runs' && message.artifact.run !== null ? refreshRunsAfterMs : undefined;
    default:
      return undefined;
  }
}

function comparesRun(location: PageLocation): boolean {
  return location.page === 'compare' && location.versions.some((one) => runFolderIn(one) !== undefined);
}

/** True when an event of a model may change what a page shows. */
function isAbout(location: PageLocation, model: string | null): boolean {
  switch (location.page) {
    case 'models':
      return true;
    case 'inspect':
    case 'run':
    case 'runs':
      return false;
    case 'compare':
      return location.versions.some((one) => splitReference(one).model === model);
    case 'version':
    case 'history':
    case 'model':
    case 'lineage':
      return location.model === model;
  }
}
