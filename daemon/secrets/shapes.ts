import type { Span } from './span.ts';

/** A form by which a secret is recognised, whatever its name. */
export interface Shape {
  name: string;
  /** Literals, one of which every such secret begins with or, with `before`, contains. */
  literals: readonly string[];
  /** Source of the expression after the literal. It must fail after a bounded number of steps, or be `whole`. */
  rest: string;
  /** Source of the expression before the literal, at most 40 characters long. */
  before?: string;
  /** True if it must begin at the start of a run of letters, digits, `_` and `-`. For forms of several parts, so that their search stays linear. */
  whole?: boolean;
}

const word = String.raw`[\w-]`;
const alnum = '[A-Za-z0-9]';
const hex = '[0-9a-fA-F]';
const hasDigit = String.raw`(?=[\w-]{0,40}\d)`;
const hasCapital = String.raw`(?=[\w-]{0,40}[A-Z])`;

/**
 * Prefixes, alphabets and lengths by the issuers' documentation and the rules of gitleaks (https://github.com/gitleaks/gitleaks,
 * config/gitleaks.toml). Lengths are slightly wider, as issuers change them.
 */
export const shapes: readonly Shape[] = [
  { name: 'Plinth', literals: ['plinth_'], rest: `${hasDigit}${hasCapital}${word}{40,}` },
  { name: 'GitHub', literals: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], rest: `${alnum}{30,}` },
  { name: 'GitHub fine-grained', literals: ['github_pat_'], rest: String.raw`\w{30,}` },
  {
    name: 'GitLab',
    literals: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glft-', 'glsoat-'],
    rest: String.raw`[\w.-]{16,}`,
  },
  {
    name: 'GitLab, others',
    literals: ['glcbt-', 'gloas-', 'glimt-', 'glagent-', 'glffct-', 'GR1348941'],
    rest: `${word}{16,}`,
  },
  { name: 'AWS key id', literals: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], rest: '[A-Z0-9]{16}(?![A-Za-z0-9])' },
  { name: 'AWS Bedrock', literals: ['ABSK'], rest: '[A-Za-z0-9+/]{100,}={0,2}' },
  { name: 'AWS Bedrock, short', literals: ['bedrock-api-key-'], rest: '[A-Za-z0-9+/=]{20,}' },
  { name: 'Hugging Face', literals: ['hf_', 'api_org_'], rest: `${alnum}{30,}` },
  { name: 'OpenAI, Anthropic', literals: ['sk-'], rest: `${hasDigit}${word}{20,}` },
  {
    name: 'Slack',
    literals: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxe.', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'],
    rest: String.raw`[\w.-]{10,}`,
  },
  { name: 'Slack app', literals: ['xapp-'], rest: `${word}{16,}` },
  { name: 'Slack webhook', literals: ['hooks.slack.com/'], rest: '(?:services|workflows|triggers)/[A-Za-z0-9+/]{16,}' },
  {
    name: 'Discord webhook',
    literals: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    rest: String.raw`\d{5,30}/[\w-]{20,}`,
  },
  {
    name: 'Discord bot',
    literals: ['MT', 'Mj', 'Mz', 'ND', 'NT', 'Nj', 'Nz', 'OD', 'OT'],
    rest: String.raw`[\w-]{22,26}\.[\w-]{6}\.[\w-]{27,}`,
    whole: true,
  },
  {
    name: 'Teams webhook',
    literals: ['.webhook.office.com/webhookb2/'],
    rest: String.raw`[\w@/-]{40,}`,
    before: `${word}{1,40}`,
  },
  { name: 'Telegram bot', literals: [':AA'], rest: `${word}{30,}`, before: String.raw`\d{8,10}` },
  { name: 'Google API', literals: ['AIza'], rest: `${word}{35}` },
  { name: 'Google OAuth', literals: ['ya29.', 'GOCSPX-', '1//0'], rest: `${word}{20,}` },
  { name: 'Azure client', literals: ['Q~'], rest: '[A-Za-z0-9_~.-]{31,34}', before: String.raw`[A-Za-z0-9_~.]{3}\d` },
  {
    name: 'Stripe',
    literals: ['sk_live_', 'sk_test_', 'sk_prod_', 'rk_live_', 'rk_test_', 'rk_prod_', 'whsec_'],
    rest: '[A-Za-z0-9+/=]{10,}',
  },
  { name: 'SendGrid', literals: ['SG.'], rest: String.raw`[\w-]{16,64}\.[\w-]{16,}`, whole: true },
  { name: 'Sendinblue', literals: ['xkeysib-'], rest: `${hex}{40,}-${alnum}{10,}` },
  { name: 'Mailchimp', literals: ['-us'], rest: String.raw`\d{1,2}(?![\w-])`, before: '[0-9a-f]{32}' },
  { name: 'Mailgun', literals: ['key-'], rest: '[0-9a-f]{32}(?![0-9a-f])' },
  { name: 'Twilio', literals: ['SK'], rest: '[0-9a-f]{32}(?![0-9a-fA-F])' },
  { name: 'npm', literals: ['npm_'], rest: `${alnum}{30,}` },
  { name: 'PyPI', literals: ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'], rest: `${word}{20,}` },
  { name: 'RubyGems', literals: ['rubygems_'], rest: `${hex}{40,}` },
  { name: 'crates.io', literals: ['cio'], rest: `${hasDigit}${alnum}{32}(?![A-Za-z0-9])` },
  { name: 'Docker Hub', literals: ['dckr_pat_', 'dckr_oat_'], rest: `${word}{20,}` },
  { name: 'Databricks', literals: ['dapi'], rest: `${hex}{32}(?:-\\d)?(?![0-9a-fA-F])` },
  { name: 'DigitalOcean', literals: ['dop_v1_', 'doo_v1_', 'dor_v1_'], rest: `${hex}{40,}` },
  { name: 'Vault', literals: ['hvs.', 'hvb.', 'hvr.'], rest: `${word}{24,}` },
  { name: 'Terraform', literals: ['.atlasv1.'], rest: `${word}{40,}`, before: `${alnum}{14}` },
  { name: 'Pulumi', literals: ['pul-'], rest: `${hex}{40}` },
  { name: 'Fly.io', literals: ['fo1_', 'fm1a_', 'fm1r_', 'fm2_'], rest: String.raw`[\w+/=-]{40,}` },
  { name: 'Heroku', literals: ['HRKU-AA'], rest: `${word}{40,}` },
  { name: 'Alibaba', literals: ['LTAI'], rest: `${hasDigit}${alnum}{16,24}(?![A-Za-z0-9])` },
  { name: 'Grafana', literals: ['glc_', 'glsa_', 'eyJrIjoi'], rest: '[A-Za-z0-9+/_]{32,}={0,3}' },
  { name: 'Sentry', literals: ['sntrys_', 'sntryu_'], rest: '[A-Za-z0-9+/=_]{40,}' },
  { name: 'New Relic', literals: ['NRAK-', 'NRJS-'], rest: '[A-Za-z0-9]{19,}' },
  { name: 'Dynatrace', literals: ['dt0c01.'], rest: String.raw`[A-Za-z0-9]{24}\.[A-Za-z0-9]{40,}` },
  { name: 'Weights & Biases', literals: ['wandb_v1_'], rest: `${word}{20,}` },
  { name: 'Replicate, Perplexity, Groq', literals: ['r8_', 'pplx-', 'gsk_', 'xai-'], rest: `${alnum}{30,}` },
  { name: 'Prefect', literals: ['pnu_', 'pnb_'], rest: `${alnum}{30,}` },
  { name: 'LangSmith', literals: ['lsv2_pt_', 'lsv2_sk_'], rest: `${hex}{32}_${hex}{8,}` },
  { name: 'Notion, Linear, Figma', literals: ['ntn_', 'lin_api_', 'figd_'], rest: String.raw`[\w-]{36,}` },
  { name: 'Airtable', literals: ['pat'], rest: String.raw`[A-Za-z0-9]{14}\.[0-9a-f]{60,}`, whole: true },
  { name: 'Postman', literals: ['PMAK-'], rest: `${hex}{24}-${hex}{30,}` },
  { name: 'Doppler', literals: ['dp.pt.', 'dp.st.', 'dp.ct.'], rest: String.raw`[\w.-]{30,}` },
  { name: 'PlanetScale', literals: ['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_'], rest: String.raw`[\w=.-]{30,}` },
  { name: 'Shopify', literals: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], rest: `${hex}{32}` },
  { name: 'Square', literals: ['sq0atp-', 'sq0csp-'], rest: `${word}{20,}` },
  { name: 'Atlassian', literals: ['ATATT3', 'ATCTT3', 'ATBB'], rest: String.raw`(?=[\w=-]{0,40}\d)[\w=-]{28,}` },
  { name: 'Artifactory', literals: ['AKCp', 'cmVmd'], rest: `${alnum}{55,}` },
  { name: '1Password', literals: ['ops_eyJ'], rest: '[A-Za-z0-9+/]{100,}={0,3}' },
  { name: 'Age', literals: ['AGE-SECRET-KEY-1'], rest: '[A-Z0-9]{50,}' },
  { name: 'Facebook', literals: ['EAAC', 'EAAM'], rest: `${alnum}{90,}` },
  { name: 'OpenShift', literals: ['sha256~'], rest: `${word}{40,}` },
  { name: 'JWT', literals: ['ey'], rest: String.raw`[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}`, whole: true },
  { name: 'JWT, encrypted', literals: ['eyJ'], rest: String.raw`[\w-]{10,}(?:\.[\w-]*){4}`, whole: true },
  {
    name: 'Bearer',
    literals: ['Bearer ', 'bearer ', 'Basic ', 'BEARER '],
    rest: String.raw`(?=[\w.~+/-]{0,60}[\d+/=])(?=[\w.~+/-]{0,60}[A-Za-z])[\w.~+/-]{16,}={0,3}`,
  },
];

const compiled = shapes.map((shape) => ({
  ...shape,
  after: new RegExp(shape.rest, 'y'),
  prior: shape.before === undefined ? undefined : new RegExp(`${shape.before}$`),
}));

/** Finds every part of a text with the form of a known secret, in linear time. */
export function shapedSecrets(text: string): Span[] {
  const found: Span[] = [];
  for (const { literals, after, prior, whole } of compiled) {
    for (const literal of literals) {
      for (let at = text.indexOf(literal); at !== -1;) {
        after.lastIndex = at + literal.length;
        const start = prior ? startBefore(text, at, after, prior) : startAt(text, at, after, whole === true);
        if (start !== undefined) found.push({ start, end: after.lastIndex });
        at = text.indexOf(literal, start === undefined ? at + 1 : after.lastIndex);
      }
    }
  }
  return found;
}

/** Returns `at` if a secret starts there. Checks the boundary first, so that a run of letters is read only once. */
function startAt(text: string, at: number, after: RegExp, whole: boolean): number | undefined {
  return isBoundary(text, at, whole) && after.test(text) ? at : undefined;
}

function startBefore(text: string, at: number, after: RegExp, prior: RegExp): number | undefined {
  if (!after.test(text)) return undefined;
  const part = text.slice(Math.max(0, at - 40), at);
  const index = part.search(prior);
  const start = at - part.length + index;
  return index !== -1 && isBoundary(text, start, false) ? start : undefined;
}

/**
 * Returns true if no letter or digit precedes an offset, except as part of an escape: `
 * `, `%3D`.
 */
function isBoundary(text: string, at: number, whole: boolean): boolean {
  const before = text[at - 1] ?? ' ';
  if (!(whole ? /[\w-]/ : /[A-Za-z0-9]/).test(before)) return true;
  return /(?:\\[nrt]|%[0-9A-Fa-f]{2})$/.test(text.slice(Math.max(0, at - 3), at));
}
