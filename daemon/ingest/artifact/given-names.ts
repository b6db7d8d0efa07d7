import { basename, dirname } from 'node:path';
import { artifactAt, modelsBelow, placesOfModel } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { modelByFormerName, modelByName, type ModelRow } from '../../db/models.ts';
import { firstSource } from '../../db/versions.ts';
import { isBelow } from '../../runtime/file-reader.ts';
import { familyOf, sharedName } from './families.ts';
import { projectOf, type Project } from '../disk/project.ts';
import type { ArtifactFiles } from './types.ts';

/** Longest age of a cached project. A repository may be cloned, moved or renamed meanwhile. */
const maxAgeMs = 5000;
const maxFolders = 5000;
const maxFamilies = 5000;

/** Numbered names that are tried if two projects and their models have the same name. */
const maxNumbered = 100;

/** Returns the link that leads to a watched folder, and the watched folder that it lies in. */
type LinkTo = (root: string) => { path: string; root: string } | undefined;

export interface PlacedProject extends Project {
  /** Path of the watched folder within the project; behind a link, the link's path. */
  place: string;
}

/** Knows the names that models have, and the project of each. */
export class GivenNames {
  readonly #db: Database;
  readonly #linkTo: LinkTo;
  readonly #projects = new Map<string, { project: PlacedProject; readAt: number }>();

  /** Families of known files. */
  readonly #families = new Map<string, string>();

  constructor(db: Database, linkTo: LinkTo = () => undefined) {
    this.#db = db;
    this.#linkTo = linkTo;
  }

  /** Returns the project of a folder below a watched one; if another watched folder links there, that one's project. */
  projectOf(root: string, folder = root): PlacedProject {
    const now = Date.now();
    const known = this.#projects.get(folder);
    if (known && now - known.readAt < maxAgeMs) return known.project;
    const link = this.#linkTo(root);
    const own = projectOf(root, folder);
    const isWithin = own.top.startsWith(`${root}/`);
    const around = link ? projectOf(link.root) : own;
    const place = link?.path ?? root;
    const project = isWithin ? { ...own, top: place + own.top.slice(root.length), place } : { ...around, place };
    if (this.#projects.size >= maxFolders) this.#projects.clear();
    this.#projects.set(folder, { project, readAt: now });
    return project;
  }

  /**
   * Returns the model's name for an artifact whose file and place suggest `guess`: the current name of its family's model if
   * there is one, else the guess, qualified if another project has a model of that name.
   */
  nameFor(files: ArtifactFiles, guess: string): string {
    return this.#familyName(files) ?? this.freeName(this.projectOf(files.root, files.folder), guess);
  }

  /** Like `nameFor`, for an artifact that a tracker calls `given`. It overrides the family's name unless a person has given that. */
  trackerNameFor(files: ArtifactFiles, given: string): string {
    const project = this.projectOf(files.root, files.folder);
    const known = this.#known(given);
    if (known && this.#isOf(known, project)) return known.name;
    const family = this.#familyName(files);
    const isPersons = family !== undefined && modelByName(this.#db, family)?.named?.by === 'user';
    return isPersons ? family : this.freeName(project, given);
  }

  #known(name: string): ModelRow | undefined {
    return modelByName(this.#db, name) ?? modelByFormerName(this.#db, name);
  }

  /** Returns the name of the model of earlier saves: of the same file, or of a file of its family; undefined for none. */
  #familyName({ path, root, folder, group }: ArtifactFiles): string | undefined {
    const own = artifactAt(this.#db, path);
    if (own && own.model !== null && own.version !== null) return own.model;
    const { primary, wholeFolder } = group;
    const family = familyOf(root, { folder, primary, wholeFolder });
    const depth = primary.split('/').length;
    const isLike = (other: string): boolean => this.#familyOf(root, other, depth, wholeFolder) === family;
    for (const known of modelsBelow(this.#db, sharedFolder(root, folder), root))
      if (isLike(known.path)) return known.model;
    return undefined;
  }

  /** Returns the family of a known file, which its path alone determines. Remembered, as each new file is compared with many. */
  #familyOf(root: string, path: string, depth: number, wholeFolder: boolean): string {
    const key = `${depth} ${wholeFolder} ${root.length} ${path}`;
    const known = this.#families.get(key);
    if (known !== undefined) return known;
    const family = familyOf(root, { folder: above(path, depth), primary: basename(path), wholeFolder });
    if (this.#families.size >= maxFamilies) this.#families.clear();
    this.#families.set(key, family);
    return family;
  }

  /** Returns the guess, qualified if another project has a model of that name. */
  freeName(project: Project, guess: string): string {
    const qualified = project.name === '' || project.name === guess ? guess : `${project.name}-${guess}`;
    const numbered = Array.from({ length: maxNumbered }, (_, at) => `${qualified}-${at + 2}`);
    for (const name of [guess, qualified, ...numbered]) {
      const model = this.#known(name);
      if (!model || this.#isOf(model, project)) return model?.name ?? name;
    }
    return guess;
  }

  /** False if all known files of a model lie in other projects. A model without files in a watched folder belongs to every project. */
  #isOf(model: ModelRow, { top, key }: Project): boolean {
    let hasPlaces = false;
    for (const { path, root } of placesOfModel(this.#db, model.name)) {
      if (isBelow(path, top) || this.projectOf(root, dirname(path)).key === key) return true;
      hasPlaces = true;
    }
    if (hasPlaces) return false;
    const source = firstSource(this.#db, model.id);
    if (source?.kind !== 'watch') return true;
    return isBelow(source.path, top) || this.projectOf(dirname(source.path)).key === key;
  }
}

/** Returns the nearest folder that all saves of a family share. */
function sharedFolder(root: string, folder: string): string {
  let at = folder;
  while (isBelow(at, root) && at !== root && sharedName(basename(at)) !== basename(at)) at = dirname(at);
  return isBelow(at, root) ? at : root;
}

function above(path: string, levels: number): string {
  return levels <= 0 ? path : above(dirname(path), levels - 1);
}
