/** `node:child_process`, `node:os` and whatever else of Node the server's libraries name. */
export function spawn(): never {
  throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
}

export function homedir(): string {
  return "/";
}
