import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What to make: text of a file, `-> target` for a symlink, null for a folder. A leading `0755 ` style mode is not read. */
export type Files = Readonly<Record<string, string | null>>;

/** A fresh folder that `dispose` takes away. */
export function makeFolder(files: Files = {}): { readonly path: string; dispose(): void } {
  const root = mkdtempSync(path.join(tmpdir(), "drydock-test-"));
  writeFiles(root, files);
  return {
    path: root,
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Times are a fixed day in the past, so that nothing depends on when a test runs. */
export function writeFiles(root: string, files: Files, when = new Date("2024-05-06T07:08:09Z")): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(content === null ? file : path.dirname(file), { recursive: true });
    if (content === null) continue;
    if (content.startsWith("-> ")) {
      symlinkSync(content.slice(3), file);
      lutimesSync(file, when, when);
    } else {
      writeFileSync(file, content);
      chmodSync(file, 0o644);
      utimesSync(file, when, when);
    }
  }
}
