import { basename } from 'node:path';

/** How a program treats the files of a project. */
export type ProgramKind =
  /** May train, evaluate or convert models. */
  | 'trainer'
  /** Moves files that others made: version control, copying, archives, downloads. */
  | 'mover'
  /** Lives on between trainings: a notebook kernel, a server that trains on request. */
  | 'kernel'
  /** Starts other programs or does not work with models: a shell, an editor, a build tool. */
  | 'other';

const movers = new Set(
  `git git-lfs git-remote-https hg svn dvc rsync cp mv install ln tar bsdtar gzip gunzip zstd xz unzip zip 7z 7za 7zr cpio scp sftp
  sftp-server sshd curl wget aria2c aws gsutil gcloud azcopy rclone s5cmd mc docker dockerd containerd podman buildah kubectl oras
  huggingface-cli hf kaggle syncthing dropbox onedrive unison gh glab git-annex dd pv sync rdiff-backup restic borg`.split(
    /\s+/,
  ),
);

const others = new Set(
  `sh bash dash zsh fish ksh csh tcsh pwsh nu busybox tmux screen zellij login su sudo doas sshd systemd init cron crond atd anacron
  slurmstepd slurmd sbatch srun qsub pbs_mom supervisord runsv s6-supervise tini dumb-init make gmake ninja just task snakemake
  nextflow airflow luigi prefect dagster pre-commit tox nox act code code-insiders codium cursor vim nvim emacs nano hx pycharm idea
  java-language-server watch entr inotifywait tail less more cat grep rg find ls top htop strace perf gdb tee xargs env time nohup
  timeout nice ionice setsid script expect gnome-terminal-server konsole alacritty kitty wezterm-gui xterm node-vscode`.split(
    /\s+/,
  ),
);

/** Python modules, by `-m` or by the name of their installed script, that do not train. */
const otherModules = new Set(
  `pylsp pylsp-server jedi-language-server ruff black isort mypy pyright pytest_watch tensorboard mlflow wandb jupyter jupyter-lab
  jupyter-notebook jupyter-server jupyterhub notebook http.server pip pipx uv poetry conda mamba debugpy.adapter streamlit optuna-dashboard
  gunicorn uvicorn celery ray dask-scheduler dask-worker flask plinth`.split(/\s+/),
);
const moverModules = new Set([
  'dvc',
  'huggingface-cli',
  'hf',
  'kaggle',
  'gdown',
  'awscli',
  'aws',
  'rclone',
  'zipfile',
  'tarfile',
  'shutil',
]);
const kernelModules = /^(ipykernel(_launcher)?|ipython[\d.]*|bpython|ptpython|colab_kernel_launcher|xpython)$/;

const interpreters = /^(python[\d.]*|pypy[\d.]*|ipython[\d.]*|julia|R|Rscript|java|node|deno|bun|ruby|perl)$/;

/** Returns the kind of a program by its interpreter and command line. */
export function programKind(interpreter: string, command: readonly string[]): ProgramKind {
  const program = nameOf(interpreter);
  const called = nameOf(command[0] ?? '');
  for (const name of [called, program]) {
    if (movers.has(name)) return 'mover';
    if (others.has(name)) return 'other';
  }
  if (!interpreters.test(program) && !interpreters.test(called)) return 'trainer';
  const module = moduleOf(command);
  if (module === undefined) return isInteractive(command) ? 'kernel' : 'trainer';
  if (kernelModules.test(module)) return 'kernel';
  if (moverModules.has(module)) return 'mover';
  return otherModules.has(module) ? 'other' : 'trainer';
}

/** True for an interpreter of a language. Other programs count only when they are seen writing. */
export function isInterpreter(interpreter: string, command: readonly string[]): boolean {
  return interpreters.test(nameOf(interpreter)) || interpreters.test(nameOf(command[0] ?? ''));
}

function nameOf(path: string): string {
  return basename(path)
    .replace(/^-/, '')
    .replace(/\.exe$/i, '');
}

/** Returns the module of `python -m dvc`, or the script's name without ending of `python /usr/bin/dvc`; undefined for neither. */
function moduleOf(command: readonly string[]): string | undefined {
  const rest = command.slice(1);
  const flag = rest.findIndex((argument) => !argument.startsWith('-') || argument === '-m' || argument === '-c');
  const first = rest[flag];
  if (first === undefined || first === '-c') return undefined;
  if (first === '-m') return rest[flag + 1];
  return basename(first).replace(/\.(py|pyc|pex|js|mjs|cjs)$/, '');
}

/** True for an interpreter that is started without code to run. */
function isInteractive(command: readonly string[]): boolean {
  return !command.slice(1).some((argument) => argument === '-c' || argument === '-e' || argument === '-');
}
