import { basename, dirname } from 'node:path';
import { artifactAt, modelsBelow, placesOfModel } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { modelByFormerName, modelByName, type ModelRow } from '../../db/models.ts';
import { firstVersion } from '../../db/versions.ts';
import { isBelow } from '../../runtime/file-reader.ts';
import { familyOf, sharedName } from './families.ts';
import { projectOf, type Project } from './project.ts';
import type { ArtifactFiles } from './types.ts';

/** A project is looked for anew after this time: somebody may have cloned, moved or named it. */
const maxAgeMs = 5000;
const maxFolders = 5000;

/** So many names are tried where two projects call themselves and a model alike. */
const maxNumbered = 100;

/** The link that leads to a watched folder, and the watched folder that it is in. */
type LinkTo = (root: string) => { path: string; root: string } | undefined;

export interface PlacedProject extends Project {
  /** Where the watched folder lies in it: behind a link the path of the link. */
  place: string;
}

/** Knows what models are called already, and which project each belongs to. */
export class GivenNames {
  readonly #db: Database;
  readonly #linkTo: LinkTo;
  readonly #projects = new Map<string, { project: PlacedProject; readAt: number }>();

  constructor(db: Database, linkTo: LinkTo = () => undefined) {
    this.#db = db;
    this.#linkTo = linkTo;
  }

  /** The project that a folder below a watched one belongs to; where a link of another watched folder leads there, that one's. */
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
   * The model that an artifact belongs to, where its name and place say `guess`: that of earlier savings of its family, whatever
   * it is called by now; else the guess, qualified where another project has a model of this name.
   */
  nameFor(files: ArtifactFiles, guess: string): string {
    return this.#familyName(files) ?? this.#freeName(this.projectOf(files.root, files.folder), guess);
  }

  /**
   * The same where a tracker says that the artifact is called `given`: another name than that of earlier savings wins, unless a person
   * has given theirs.
   */
  trackerNameFor(files: ArtifactFiles, given: string): string {
    const project = this.projectOf(files.root, files.folder);
    const known = this.#known(given);
    if (known && this.#isOf(known, project)) return known.name;
    const family = this.#familyName(files);
    const isPersons = family !== undefined && modelByName(this.#db, family)?.named?.by === 'user';
    return isPersons ? family : this.#freeName(project, given);
  }

  #known(name: string): ModelRow | undefined {
    return modelByName(this.#db, name) ?? modelByFormerName(this.#db, name);
  }

  /** By the file itself, else by files beside it or in folders like its own, from which it differs by what tells savings apart. */
  #familyName({ path, root, folder, group }: ArtifactFiles): string | undefined {
    const own = artifactAt(this.#db, path);
    if (own && own.model !== null && own.version !== null) return own.model;
    const { primary, wholeFolder } = group;
    const family = familyOf(root, { folder, primary, wholeFolder });
    const depth = primary.split('/').length;
    const isLike = (other: string): boolean =>
      familyOf(root, { folder: above(other, depth), primary: basename(other), wholeFolder }) === family;
    return modelsBelow(this.#db, sharedFolder(root, folder), root).find((row) => isLike(row.path))?.model;
  }

  #freeName(project: Project, guess: string): string {
    const qualified = project.name === '' || project.name === guess ? guess : `${project.name}-${guess}`;
    const numbered = Array.from({ length: maxNumbered }, (_, at) => `${qualified}-${at + 2}`);
    for (const name of [guess, qualified, ...numbered]) {
      const model = this.#known(name);
      if (!model || this.#isOf(model, project)) return model?.name ?? name;
    }
    return guess;
  }

  /** False where all that is known of a model's files lies in other projects. A model that never was a file in a watched folder is everybody's. */
  #isOf(model: ModelRow, { top, key }: Project): boolean {
    const places = placesOfModel(this.#db, model.name);
    if (places.length > 0)
      return places.some(({ path, root }) => isBelow(path, top) || this.projectOf(root, dirname(path)).key === key);
    const source = firstVersion(this.#db, model.id)?.body.source;
    if (source?.kind !== 'watch') return true;
    return isBelow(source.path, top) || this.projectOf(dirname(source.path)).key === key;
  }
}

/** The nearest folder that is the same for all savings of a family. */
function sharedFolder(root: string, folder: string): string {
  let at = folder;
  while (isBelow(at, root) && at !== root && sharedName(basename(at)) !== basename(at)) at = dirname(at);
  return isBelow(at, root) ? at : root;
}

function above(path: string, levels: number): string {
  return levels <= 0 ? path : above(dirname(path), levels - 1);
}
