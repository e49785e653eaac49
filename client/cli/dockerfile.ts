import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";

const names = ["Dockerfile", "dockerfile", "Containerfile"];

/** The Dockerfile of a context; it need not be there. @throws EngineError for a context that is no folder */
export function dockerfileIn(folder: string, asked: string | undefined): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) {
    throw new EngineError({
      code: "invalid-argument",
      message: msg("the build context {path} is not a folder", { path: folder }),
      hint: msg("The build context is the folder that COPY takes files from; name the Dockerfile separately."),
    });
  }
  if (!found) {
    throw new EngineError({
      code: "invalid-argument",
      message: msg("The context {path} does not exist.", { path: folder }),
      hint: msg("Give the folder that holds the files of your app."),
    });
  }
  if (asked !== undefined) return path.resolve(asked);
  const name = names.find((candidate) => existsSync(path.join(folder, candidate)));
  return path.join(folder, name ?? "Dockerfile");
}

/** @throws EngineError `not-found` */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new EngineError({
      code: "not-found",
      message: msg("There is no Dockerfile at {path}.", { path: file }),
      hint: msg("Name it with -f."),
    });
  }
}
