import type { RemoteSource } from "./graph.ts";

type GitSource = RemoteSource & { readonly kind: "git" };

/** `git@host:path`, as ssh writes it. */
const scpLike = /^([a-zA-Z0-9_][\w.-]*)@([a-zA-Z0-9][\w.-]*):(?!\/\/)([^?#]+)/;

/**
 * What ADD, a context or a named context fetches: `undefined` for a local path, `"bad"` for a git address that cannot be
 * one. As in the reference an http address is a repository when its path ends in `.git`.
 */
export function readAddress(text: string): RemoteSource | "bad" | undefined {
  if (scpLike.test(text)) return readGit(text);
  if (!/^(?:https?|git|ssh):\/\//i.test(text)) return undefined;
  if (!URL.canParse(text)) return "bad";
  const { protocol, pathname } = new URL(text);
  const isWeb = protocol === "http:" || protocol === "https:";
  return isWeb && !/\.git\/?$/.test(pathname) ? { kind: "url", url: text } : readGit(text);
}

/** `url#ref:subdir`, or `url?ref=…&subdir=…` with branch, tag, commit, checksum, keep-git-dir. */
function readGit(text: string): GitSource | "bad" {
  const hash = text.indexOf("#");
  const whole = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  const mark = whole.indexOf("?");
  const url = mark < 0 ? whole : whole.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : whole.slice(mark + 1));
  const colon = fragment.indexOf(":");
  const branch = query.get("branch");
  const tag = query.get("tag");
  const ref =
    (colon < 0 ? fragment : fragment.slice(0, colon)) ||
    query.get("ref") ||
    (branch ? `refs/heads/${branch}` : "") ||
    (tag ? `refs/tags/${tag}` : "") ||
    query.get("commit") ||
    "";
  const subdir = (colon < 0 ? "" : fragment.slice(colon + 1)) || query.get("subdir") || "";
  const checksum = query.get("checksum") || query.get("commit") || "";
  if (!isSafeHost(url) || (ref !== "" && !isRef(ref)) || subdir.includes("\0")) return "bad";
  if (checksum !== "" && !isCommitPrefix(checksum)) return "bad";
  return {
    kind: "git",
    url,
    ...(ref === "" ? {} : { ref }),
    ...(subdir === "" ? {} : { subdir }),
    keepGitDir: /^(?:1|true)$/i.test(query.get("keep-git-dir") ?? ""),
    ...(checksum === "" ? {} : { checksum }),
  };
}

/** git-check-ref-format(1); nothing that could be read as an option or as a pattern. */
export function isRef(ref: string): boolean {
  return /^(?![-/.])[^\s~^:?*[\\\p{Cc}]+$/u.test(ref) && !/\.\.|@\{|\/\/|\.lock$|[/.]$/.test(ref);
}

export function isCommitPrefix(text: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(text);
}

/** A host that begins with a dash would be an option of ssh. */
function isSafeHost(url: string): boolean {
  if (/[\s\p{Cc}]/u.test(url)) return false;
  return scpLike.test(url) || (URL.canParse(url) && /^[[\w]/.test(new URL(url).hostname));
}

/** How the file of an address is called in the image. */
export function fileNameOf(url: string): string {
  const { pathname } = new URL(url);
  let decoded = pathname;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // As it is written then.
  }
  const name = decoded.endsWith("/") ? "" : decoded.slice(decoded.lastIndexOf("/") + 1);
  return name === "" || name === "." || name === ".." || name.includes("\0") ? "__unnamed__" : name;
}

/** `sha256:…`, and the longer ones. */
export function isChecksum(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/.test(text);
}

/** The address without what must not be read by others. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
}
