/** `node:fs` where there are no files: everything looked for is not there. */
export function existsSync(): boolean {
  return false;
}

export function statSync(): undefined {
  return undefined;
}

export function lstatSync(): undefined {
  return undefined;
}

export function readdirSync(): never {
  throw notThere();
}

export function readFileSync(): never {
  throw notThere();
}

export function readlinkSync(): never {
  throw notThere();
}

export function accessSync(): never {
  throw notThere();
}

export const constants = { X_OK: 1 };

function notThere(): Error {
  return Object.assign(new Error("ENOENT"), { code: "ENOENT" });
}
