/** Joins and cleans: no `.`, no empty parts, `..` never leaves the root. Absolute, without a slash at the end. */
export function cleanPath(...parts: readonly string[]): string {
  const out: string[] = [];
  for (const part of parts.join("/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return `/${out.join("/")}`;
}

/** The destination of COPY: relative to the working directory, cleaned; a slash at the end is kept, it decides. */
export function destinationPath(workingDir: string, written: string): string {
  const path = written.startsWith("/") ? cleanPath(written) : cleanPath(workingDir, written);
  const isFolder = written === "" || written === "." || /\/\.?$/.test(written);
  return isFolder && path !== "/" ? `${path}/` : path;
}

/** A source of COPY, rooted. With --parents a `/./` decides what is kept, so only the start is cleaned. */
export function sourcePath(written: string, parents: boolean): string {
  if (!parents || !written.includes("/./")) return cleanPath(written);
  const pivot = written.indexOf("/./");
  return `${cleanPath(written.slice(0, pivot)).replace(/\/$/, "")}/.${cleanPath(written.slice(pivot + 3))}`;
}
