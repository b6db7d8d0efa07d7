import type { BrowserContext } from 'playwright-core';
import type { User } from './user.ts';

/** What somebody wants to see or do. The names of the tasks are the rows of the table. */
export const tasks = {
  models: 'all models and what is in production',
  two: 'compare two',
  ten: 'compare ten',
  curves: 'curves of ten',
  best: 'best run by a metric',
  params: 'params that differ',
  text: 'code and config text',
  matrices: 'confusion matrices of all',
  promote: 'promote, and who, when, why',
  back: 'go back',
  bytes: 'which bytes',
} as const;

/** What is measured with many trainings besides: a page until its table is shown. */
export const figures = {
  model: 'a model and its versions',
  runs: 'table of runs',
} as const;

export type Task = keyof typeof tasks | keyof typeof figures;

export const taskNames: Readonly<Record<Task, string>> = { ...tasks, ...figures };

/** The clicks of one task. `shown` says in words what is then on the screen. */
export interface Way {
  shown: string;
  steps: (user: User) => Promise<void>;
}

/** One of the three programs, running with the data. */
export interface Tool {
  name: string;
  /** Returns the address at which an experienced user starts. */
  start(): Promise<string>;
  /** Puts away what an experienced user has put away. */
  prepare?: (context: BrowserContext) => Promise<void>;
  /** The way for each task, or why there is none. */
  ways: Readonly<Record<Task, Way | string>>;
  end(): Promise<void>;
}
