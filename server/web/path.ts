/** `node:path` for the addresses of a browser: always `/`. */
export const sep = "/";
export const delimiter = ":";

export function normalize(path: string): string {
  const rooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!rooted) parts.push("..");
  }
  const end = path.endsWith("/") && parts.length > 0 ? "/" : "";
  return `${rooted ? "/" : ""}${parts.join("/")}${end}` || ".";
}

export function join(...parts: readonly string[]): string {
  return normalize(parts.filter((part) => part !== "").join("/"));
}

export function resolve(...parts: readonly string[]): string {
  const last = parts.findLastIndex((part) => part.startsWith("/"));
  const whole = normalize(`/${parts.slice(Math.max(last, 0)).join("/")}`);
  return whole.length > 1 ? whole.replace(/\/$/, "") : whole;
}

export function dirname(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : trimmed.slice(0, slash);
}

export function basename(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

export function relative(from: string, to: string): string {
  const [start, end] = [from, to].map((path) => resolve(path).split("/").filter(Boolean)) as [string[], string[]];
  let same = 0;
  while (same < start.length && same < end.length && start[same] === end[same]) same += 1;
  return [...start.slice(same).map(() => ".."), ...end.slice(same)].join("/");
}

export const posix = { sep, delimiter, normalize, join, resolve, dirname, basename, isAbsolute, relative };
export default { ...posix, posix };
