// What every engine is given for a case: a folder and a Dockerfile; and the base that answers are told against.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { baseTar } from "./base-images.ts";
import type { Case } from "./case.ts";
import { type Context, usual, writeContext } from "./context.ts";
import { applyTar, type Tree } from "./tree.ts";

export interface Workshop {
  readonly folder: string;
  readonly base: Tree;
  /** The folder with the case's context, made when it is not there. */
  contextOf(one: Case): Promise<string>;
  /** Absolute path of the case's Dockerfile. */
  dockerfileOf(one: Case): Promise<string>;
  dispose(): void;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-conformance-"));
  const base: Tree = new Map();
  await applyTar(base, Readable.from([await baseTar()]));
  const made = new Map<Context, string>();
  let files = 0;
  const workshop: Workshop = {
    folder,
    base,
    async contextOf({ context = usual }) {
      const known = made.get(context);
      if (known !== undefined) return known;
      const place = path.join(folder, `context-${made.size}`);
      made.set(context, place);
      mkdirSync(place);
      await writeContext(place, context);
      return place;
    },
    async dockerfileOf(one) {
      if (one.options?.file !== undefined) return path.join(await workshop.contextOf(one), one.options.file);
      files += 1;
      const file = path.join(folder, `Dockerfile-${files}`);
      writeFileSync(file, one.dockerfile);
      return file;
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
  return workshop;
}

/** `NAME=folder of the context` as absolute paths; other kinds of contexts as they are. */
export function namedContexts({ options }: Case, context: string): [string, string][] {
  return Object.entries(options?.contexts ?? {}).map(([name, where]) => [
    name,
    where.includes("://") ? where : path.join(context, where),
  ]);
}
