import { dirname } from 'node:path';
import { isBelow } from '../../runtime/file-reader.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { isMeaningless } from '../disk/name-words.ts';
import {
  dvcNames,
  hydraJob,
  lightningLogger,
  mlflowMeta,
  mlflowNames,
  pretrainedName,
  storePlaces,
} from './tracker-files.ts';
import { loggedName, wandbModels, wandbProject, type LoggedModel } from './wandb-names.ts';
import type { ArtifactFiles, GivenName } from './types.ts';

/** Names that trackers in a folder give: to single artifacts, and to everything that their job made. */
interface FolderNames {
  /** Names from dvc.yaml and artifacts.yaml, by absolute path. */
  byPath: ReadonlyMap<string, GivenName>;
  /** Names from an MLflow store, by the forms of `storePlaces`. */
  byPlace: ReadonlyMap<string, GivenName>;
  /** Models that W&B's runs logged as artifacts. */
  logged: readonly LoggedModel[];
  job: GivenName | undefined;
}

/** Names that W&B and its integrations give to a project without a name. */
const defaultProjects = new Set(['uncategorized', 'huggingface']);

/** Longest age of a folder's cached names. */
const maxAgeMs = 1000;
const maxFolders = 1000;

/** Finds the names that trackers give, in their files from the artifact's folder up to its project's. */
export class TrackerNames {
  readonly #disk: Disk;
  readonly #folders = new Map<string, { names: FolderNames; readAt: number }>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Returns a tracker's name for this very artifact: MLflow's registered model, or an artifact of dvc.yaml or artifacts.yaml;
   * undefined for none.
   */
  ofArtifact(files: ArtifactFiles, top: string): GivenName | undefined {
    const { path, folder, group } = files;
    if (group.files.includes('MLmodel')) {
      const named = mlflowMeta(folder);
      if (named) return named;
    }
    const places = storePlaces(folder);
    for (const at of foldersUp(folder, top)) {
      const { byPath, byPlace, logged } = this.#namesIn(at);
      const named = byPath.get(path) ?? (group.wholeFolder ? byPath.get(folder) : undefined);
      const registered = places.map((place) => byPlace.get(place)).find((one) => one !== undefined);
      const given = named ?? registered ?? loggedName(logged, files);
      if (given) return given;
    }
    return undefined;
  }

  /** Returns Hydra's or W&B's name for the job that runs in a folder; undefined for none. It does not distinguish the models in it. */
  ofJob(folder: string): GivenName | undefined {
    return this.#namesIn(folder).job;
  }

  /** Returns the model that a Hugging Face model was trained from; undefined for none. */
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
    const hydra = folders.has('.hydra') ? hydraJob(folder) : undefined;
    const job = hydra ?? wandbProject(folder, listing, list) ?? lightningLogger(folder, listing);
    return {
      byPath: dvcNames(folder, files),
      byPlace: mlflowNames(folder, listing, list),
      logged: wandbModels(folder, listing, list),
      job: job && !isMeaningless(job.model) && !defaultProjects.has(job.model) ? job : undefined,
    };
  }
}

const nothing: FolderNames = { byPath: new Map(), byPlace: new Map(), logged: [], job: undefined };

/** Returns a folder and those above it, up to the project's. */
function foldersUp(folder: string, top: string): string[] {
  const found = [folder];
  for (let at = folder; at !== top && isBelow(at, top) && dirname(at) !== at;) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}
