/** Names of files that hold only secrets and are never captured. */
export const secretFiles = [
  '.env',
  '.env.*',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.keystore',
  'id_rsa*',
  'id_ed25519*',
  '*.kdbx',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '*credential*',
  '*secret*',
] as const;
