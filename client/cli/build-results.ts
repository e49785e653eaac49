import { accessSync, constants, lstatSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BuildEvent } from "../../engine/base/build-events.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { formatReference, parseReference } from "../../engine/oci/reference.ts";
import { unwritable } from "./read-file.ts";
import { text } from "./text.ts";

/** What scripts ask of `docker build` beside the image. Of the second half there is nothing to do here. */
export const resultFlags = {
  quiet: { type: "boolean", short: "q" },
  iidfile: { type: "string" },
  "metadata-file": { type: "string" },
  rm: { type: "boolean" },
  "force-rm": { type: "boolean" },
  provenance: { type: "string" },
  sbom: { type: "string" },
} as const;

interface Flags {
  readonly iidfile?: string | undefined;
  readonly "metadata-file"?: string | undefined;
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
}

type Done = Extract<BuildEvent, { readonly type: "done" }>;

export interface ResultFiles {
  /** @throws EngineError */
  write(done: Done): void;
}

/**
 * `--iidfile` and `--metadata-file`. Those of an earlier build are removed at once: after a build that failed nobody takes
 * them for its own. @throws EngineError when they cannot be written
 */
export function openResultFiles({ iidfile, "metadata-file": metadata }: Flags): ResultFiles {
  for (const file of [iidfile, metadata]) {
    if (file === undefined) continue;
    attempt(file, () => {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found?.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
      // Not what only looks like a file: /dev/stderr, a pipe.
      if (found?.isFile() && !lstatSync(file).isSymbolicLink()) rmSync(file);
      accessSync(found && !found.isFile() ? file : path.dirname(path.resolve(file)), constants.W_OK);
    });
  }
  return {
    write(done) {
      if (iidfile !== undefined) attempt(iidfile, () => writeFileSync(iidfile, done.imageId));
      const document = `${JSON.stringify(metadataOf(done), undefined, 2)}\n`;
      if (metadata !== undefined) attempt(metadata, () => writeFileSync(metadata, document));
    },
  };
}

/** Warnings for what is asked of the image and will not be in it. */
export function missingAttestations({ provenance, sbom }: Flags): readonly string[] {
  const asked = [
    ...(provenance !== undefined && isWanted(provenance) ? [`--provenance=${provenance}`] : []),
    ...(sbom !== undefined && isWanted(sbom) ? [`--sbom=${sbom}`] : []),
  ];
  return asked.map((option) =>
    text(msg("{option}: the image is built without, attestations are not made here", { option })),
  );
}

function isWanted(value: string): boolean {
  return !/^(?:false|f|0|)$/i.test(value) && !/(?:^|,)disabled=(?:true|t|1)(?:,|$)/i.test(value);
}

// docs.docker.com/reference/cli/docker/buildx/build, "--metadata-file"; keys in buildx's order.
function metadataOf({ imageId, manifest, tags }: Done): object {
  const names = tags.map((tag) => formatReference(parseReference(tag)));
  return {
    "containerimage.config.digest": imageId,
    ...(manifest ? { "containerimage.descriptor": manifest, "containerimage.digest": manifest.digest } : {}),
    ...(names.length === 0 ? {} : { "image.name": names.join(",") }),
  };
}

function attempt(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new EngineError({
      code: "invalid-argument",
      message: unwritable(file, error),
      hint: msg("Name a file in a folder that is there and that you may write to."),
      cause: error,
    });
  }
}
