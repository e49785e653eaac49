/** `node:url`: a browser has no files of this machine. */
export function fileURLToPath(): never {
  throw new TypeError("There are no files here.");
}

export function pathToFileURL(path: string): URL {
  return new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`);
}
