import { dirname } from 'node:path';
import { isBelow } from '../../runtime/file-reader.ts';
import type { Disk } from '../watch/folder-cache.ts';
import type { Listing } from '../watch/list-folder.ts';
import { isMeaningless } from './name-words.ts';
import {
  dvcNames,
  hydraJob,
  mlflowMeta,
  mlflowNames,
  pretrainedName,
  storePlaces,
  wandbProject,
} from './tracker-files.ts';
import type { ArtifactFiles, GivenName } from './types.ts';

/** Names that trackers in a folder give: to single models by path or id, and to everything that their job made. */
interface FolderNames {
  /** By absolute path, as dvc.yaml and artifacts.yaml give it. */
  byPath: ReadonlyMap<string, GivenName>;
  /** By the place of an artifact in a store of MLflow's, see `storePlaces`. */
  byPlace: ReadonlyMap<string, GivenName>;
  job: GivenName | undefined;
}

/** Names that W&B and its integrations give to a project without a name. */
const defaultProjects = new Set(['uncategorized', 'huggingface']);

/** For this time what a folder says is believed. */
const maxAgeMs = 1000;
const maxFolders = 1000;

/** Names that trackers give. They are told by files that the trackers write, from the artifact's folder up to its project's. */
export class TrackerNames {
  readonly #disk: Disk;
  readonly #folders = new Map<string, { names: FolderNames; readAt: number }>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Returns a tracker's name for this very artifact: MLflow's registered model, an artifact of dvc.yaml or artifacts.yaml. */
  ofArtifact({ path, folder, group }: ArtifactFiles, top: string): GivenName | undefined {
    if (group.files.includes('MLmodel')) {
      const named = mlflowMeta(folder);
      if (named) return named;
    }
    const places = storePlaces(folder);
    for (const at of foldersUp(folder, top)) {
      const { byPath, byPlace } = this.#namesIn(at);
      const named = byPath.get(path) ?? (group.wholeFolder ? byPath.get(folder) : undefined);
      const registered = places.map((place) => byPlace.get(place)).find((one) => one !== undefined);
      if (named ?? registered) return named ?? registered;
    }
    return undefined;
  }

  /** Returns Hydra's or W&B's name for the job that works in a folder, which says nothing of the single models in it. */
  ofJob(folder: string): GivenName | undefined {
    return this.#namesIn(folder).job;
  }

  /** The model that a Hugging Face model was trained from. */
  ofBase({ folder, group }: ArtifactFiles): GivenName | undefined {
    return group.wholeFolder ? pretrainedName(folder, group.files) : undefined;
  }

  #namesIn(folder: string): FolderNames {
    const now = Date.now();
    const known = this.#folders.get(folder);
    if (known && now - known.readAt < maxAgeMs) return known.names;
    const names = this.#read(folder);
    this.#folders.delete(folder);
    this.#folders.set(folder, { names, readAt: now });
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > maxFolders && oldest !== undefined) this.#folders.delete(oldest);
    return names;
  }

  #read(folder: string): FolderNames {
    const listing = this.#disk.list(folder);
    if (!listing) return nothing;
    const { files, folders } = listing;
    const list = (path: string): Listing | undefined => this.#disk.list(path);
    const job = (folders.has('.hydra') ? hydraJob(folder) : undefined) ?? wandbProject(folder, listing, list);
    return {
      byPath: dvcNames(folder, files),
      byPlace: mlflowNames(folder, listing, list),
      job: job && !isMeaningless(job.model) && !defaultProjects.has(job.model) ? job : undefined,
    };
  }
}

const nothing: FolderNames = { byPath: new Map(), byPlace: new Map(), job: undefined };

/** The folder and those above it, up to the project's. */
function foldersUp(folder: string, top: string): string[] {
  const found = [folder];
  for (let at = folder; at !== top && isBelow(at, top) && dirname(at) !== at;) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}
