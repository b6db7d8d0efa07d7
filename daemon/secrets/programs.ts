/** How a program takes a secret on its command line. Without an entry, a short flag is no secret. */
export interface Program {
  names: readonly string[];
  /** Flags whose next argument is a secret. */
  next?: readonly string[];
  /** Flags with the secret joined to them: `-pword`. */
  joined?: readonly string[];
  /** Flags whose next argument is `user:word`. */
  user?: readonly string[];
  /** Words that must come first for the flags to count: `docker login`. */
  after?: string;
}

export const programs: readonly Program[] = [
  {
    names: [
      'mysql',
      'mysqldump',
      'mysqladmin',
      'mysqlimport',
      'mysqlcheck',
      'mysqlshow',
      'mysqlpump',
      'mariadb',
      'mariadb-dump',
      'mycli',
    ],
    joined: ['-p', '--password='],
  },
  { names: ['sshpass'], next: ['-p'], joined: ['-p'] },
  { names: ['curl', 'http', 'https', 'xh', 'aria2c'], user: ['-u', '--user', '-U', '--proxy-user', '-a', '--auth'] },
  { names: ['wget'], next: ['--password', '--http-password', '--ftp-password', '--proxy-password'] },
  {
    names: ['docker', 'podman', 'nerdctl', 'helm', 'skopeo', 'buildah', 'oras', 'crane'],
    next: ['-p', '--password'],
    joined: ['-p'],
    user: ['--creds'],
    after: 'login',
  },
  { names: ['skopeo', 'oras'], user: ['--creds', '--src-creds', '--dest-creds'] },
  { names: ['redis-cli'], next: ['-a', '--pass'] },
  { names: ['mongo', 'mongosh', 'mongodump', 'mongorestore', 'mongoexport', 'mongoimport'], next: ['-p'] },
  { names: ['sqlcmd', 'bcp', 'isql'], next: ['-P'], joined: ['-P'] },
  { names: ['cqlsh', 'clickhouse-client'], next: ['-p', '--password'] },
  { names: ['ldapsearch', 'ldapadd', 'ldapmodify', 'ldapdelete', 'ldapwhoami'], next: ['-w'] },
  { names: ['smbclient', 'rpcclient'], user: ['-U'] },
  { names: ['az'], next: ['-p', '--password'], after: 'login' },
  { names: ['huggingface-cli', 'hf'], next: ['-t', '--token'] },
  { names: ['wandb'], next: ['login'] },
  { names: ['twine'], next: ['-p', '--password'] },
  { names: ['unzip', '7z', 'zip'], next: ['-P', '--password'], joined: ['-P'] },
  { names: ['openssl'], next: ['-passin', '-passout', '-pass', '-k', '-K'] },
  { names: ['gpg'], next: ['--passphrase'] },
  { names: ['kinit', 'snowsql', 'vault', 'aws', 'gcloud', 'mc'], next: [] },
];
