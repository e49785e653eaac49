/** Does a variable's name say that its value is a secret? */
export function isSecretName(name: string): boolean {
  const parts = name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_.-]+/)
    .filter((part) => !/^\d*$/.test(part));
  const last = parts.at(-1) ?? "";
  // MAX_TOKENS and TOKENS_PER_MINUTE count what a language model reads and writes.
  if (parts.includes("tokens") && parts.some((part) => counting.test(part))) return false;
  if (parts.some((part) => notSecret.has(part)) || (about.has(last) && !/access_?key_?id$/i.test(name))) return false;
  if (parts.some((part) => secretPart.test(part))) return true;
  const before = parts[parts.indexOf("key") - 1] ?? "";
  // A key of GnuPG is named by its fingerprint, which everybody may know.
  return (
    parts.includes("key") && !otherKeys.test(before) && (parts.includes("private") || !/^(?:gpg|pgp)$/.test(before))
  );
}

const secretPart =
  /^(?:auth|pwd|pword|pat|creds?|credentials?|keytab)$|(?:password|passwd|passphrase|apikey|accesskey|privatekey|secret|token)s?$/;
const counting = /^(?:max|min|num|n|per|total|batched|new|completion|prompt|output|input|context|budget)$/;
/** A site key of reCAPTCHA, and a publishable or anonymous key of a service, stands in every page; its partner is the secret key. */
const otherKeys = /^(?:site|anon|publishable|cache|sort|primary|foreign|partition|index|hot)$/;

const notSecret = new Set(["public", "pub", "file", "files", "version"]);
/** Last words that say it is something about a secret, and not the secret. */
const about = new Set(
  (
    "path dir folder name names alias url uri endpoint host hostname port type kind size length bytes ttl expiry expires expiration " +
    "timeout lifetime age seconds minutes hours days algorithm alg issuer audience provider method mode enabled disabled header prefix " +
    "suffix count limit max min arn server servers service fingerprint store format location ring id ids policy allow scheme sock realm"
  ).split(" "),
);

/** A value that is none: a switch, a path of a file, another address without a password. */
export function isHarmlessValue(value: string): boolean {
  const plain = value.replace(/^(["'])(.*)\1$/, "$2");
  return (
    /^(?:|true|false|yes|no|on|off|none|null|[01])$/i.test(plain) ||
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/]|file:)[^\s:@]*$/.test(plain) ||
    (/^[a-z][a-z+.-]*:\/\//.test(plain) && !plain.includes("@"))
  );
}

export interface LiteralSecret {
  readonly start: number;
  readonly end: number;
  /** Who gave it out; absent for keys and passwords. */
  readonly service?: string;
  readonly kind: "token" | "key" | "password";
}

const tokens: readonly { readonly service: string; readonly pattern: string }[] = [
  { service: "AWS", pattern: "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])" },
  { service: "GitHub", pattern: "gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\\w{30,}" },
  { service: "GitLab", pattern: "glpat-[\\w-]{20,}" },
  { service: "Slack", pattern: "xox[abprs]-[\\w-]{20,}" },
  { service: "Stripe", pattern: "[rs]k_live_\\w{20,}" },
  { service: "npm", pattern: "npm_[A-Za-z0-9]{36}" },
  { service: "PyPI", pattern: "pypi-[\\w-]{50,}" },
  { service: "Docker", pattern: "dckr_(?:pat|oat)_[\\w-]{20,}" },
  { service: "Google", pattern: "AIza[\\w-]{35}" },
  { service: "Hugging Face", pattern: "hf_[A-Za-z0-9]{30,}" },
  { service: "OpenAI", pattern: "sk-proj-[\\w-]{40,}" },
  { service: "Anthropic", pattern: "sk-ant-[\\w-]{40,}" },
  { service: "SendGrid", pattern: "SG\\.[\\w-]{16,}\\.[\\w-]{30,}" },
];
const groups: readonly string[] = [
  ...tokens.map(({ pattern }) => `(?<![A-Za-z0-9_])(${pattern})`),
  "(-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----)",
  // A password in an address, in .npmrc, in .netrc; a variable there is none.
  "(?<=[a-z]:\\/\\/[^\\s/:@$\"']{1,80}:)([^\\s/:@$\"'{}<>*]{3,200})(?=@)",
  "(?<=_(?:authToken|password|auth)\\s?=\\s?)([^\\s$\"'{}<>]{8,})",
  "(?<=\\blogin\\s{1,3}[^\\s$]{1,80}\\s{1,3}password\\s{1,3})([^\\s$\"'{}<>]{3,})",
];
const anything = new RegExp(groups.join("|"), "g");
const mayHold =
  /AKIA|ASIA|[_-](?:[A-Za-z0-9]{16}|\w{20})|AIza|SG\.|PRIVATE KEY|:\/\/[^\s/]*@|_auth|_password|password\s/;

/** Secrets that stand in a text as they are. Examples and placeholders are none. */
export function literalSecretsIn(text: string): readonly LiteralSecret[] {
  if (!mayHold.test(text)) return [];
  const found: LiteralSecret[] = [];
  for (const match of text.matchAll(anything)) {
    const group = match.slice(1).findIndex((part) => part !== undefined);
    const secret = match[0];
    if (isPlaceholder(secret) || isDefault(text.slice(Math.max(0, match.index - 80), match.index), secret)) continue;
    const service = tokens[group]?.service;
    const kind = service ? "token" : group === tokens.length ? "key" : "password";
    found.push({ start: match.index, end: match.index + secret.length, kind, ...(service && { service }) });
  }
  return found;
}

/** `postgres://app:app@db`, `me:password@`: what stands in every tutorial. */
function isDefault(before: string, secret: string): boolean {
  const user = /:\/\/([^\s/:@]+):$/.exec(before)?.[1];
  return user !== undefined && (secret === user || /^(?:pass|password|passwd)$/i.test(secret));
}

export function isPlaceholder(text: string): boolean {
  return /EXAMPLE|^(?:x+|\*+|\.+|<.*>|%.*%|\[.*\]|your[-_].*|changeme|change[-_]me|placeholder|dummy|todo)$/i.test(
    text,
  );
}

/** Is this the path of a file that holds a secret, as far as its name tells? */
export function isSecretFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (/\.(?:example|sample|template|tmpl|dist|defaults?|schema|pub|md)$/.test(name)) return false;
  if (/^\.env(?:\.|$)/.test(name)) return true;
  if (/^id_(?:rsa|dsa|ecdsa|ed25519)$/.test(name) || secretFiles.has(name)) return true;
  if (/\.(?:pfx|p12|jks|keystore|kdbx|ppk|keytab)$/.test(name)) return !/^(?:trust|ca)/.test(name);
  if (/\.key$/.test(name)) return !/public|pub\b/.test(name);
  if (/\.pem$/.test(name)) return /key|priv/.test(name) && !/public|pub\b/.test(name);
  return /(?:^|\/)\.(?:aws\/credentials|ssh|gnupg|docker\/config\.json|kube\/config)(?:\/|$)/.test(
    path.toLowerCase().replace(/\/+$/, ""),
  );
}

const secretFiles = new Set(
  ".netrc .pgpass .git-credentials .htpasswd .pypirc credentials.json service-account.json serviceaccount.json kubeconfig secrets.json secrets.yml secrets.yaml .npmrc .ssh .aws .gnupg".split(
    " ",
  ),
);
