import { statSync } from "node:fs";
import path from "node:path";
import type { Container, ContainerMount, CreateOptions } from "../types.ts";
import {
  badPropagation,
  badVolumesFrom,
  duplicateTarget,
  missingBindSource,
  relativeBindSource,
  relativeTarget,
  rootTarget,
  sharedPropagation,
} from "./errors.ts";

export type VolumeMount = Extract<ContainerMount, { readonly type: "volume" }>;

/**
 * All mounts of a container that is being made: its own, those of `volumesFrom`, and the image's `VOLUME`s; each target once,
 * outer ones before those below them. Volumes that shall be of the container's own have no name yet.
 * @throws EngineError `invalid-argument`, and what `find` throws
 */
export function settleMounts(
  options: Pick<CreateOptions, "mounts" | "volumesFrom">,
  imageVolumes: readonly string[],
  find: (nameOrId: string) => Container,
): readonly ContainerMount[] {
  const mounts = new Map<string, ContainerMount>();
  for (const text of options.volumesFrom ?? []) {
    for (const mount of mountsFrom(text, find)) mounts.set(mount.target, mount);
  }
  const own = new Set<string>();
  for (const mount of options.mounts ?? []) {
    const target = checkTarget(mount.target);
    if (own.has(target)) throw duplicateTarget(target);
    own.add(target);
    if (mount.type === "bind") checkBind(mount);
    const isNameless = mount.type === "volume" && mount.source === "";
    mounts.set(target, { ...mount, target, ...(isNameless ? { anonymous: true } : {}) });
  }
  for (const volume of imageVolumes) {
    const target = checkTarget(path.posix.join("/", volume));
    if (mounts.has(target)) continue;
    mounts.set(target, { type: "volume", source: "", target, readOnly: false, anonymous: true });
  }
  return [...mounts.values()].sort((a, b) => depth(a) - depth(b));
}

/** The volumes among a container's mounts. */
export function volumesOf({ mounts }: Pick<Container, "mounts">): readonly VolumeMount[] {
  return mounts.flatMap((mount) => (mount.type === "volume" ? [mount] : []));
}

/** `name`, `name:ro`, `name:rw`; labels for SELinux say nothing here. */
function mountsFrom(text: string, find: (nameOrId: string) => Container): readonly ContainerMount[] {
  const [name = "", mode = "", ...more] = text.split(":");
  const modes = mode.split(",").filter((word) => word !== "");
  const known = modes.every((word) => ["ro", "rw", "z", "Z", "nocopy"].includes(word));
  if (name === "" || more.length > 0 || !known) throw badVolumesFrom(text);
  return find(name).mounts.flatMap((mount) =>
    mount.type === "tmpfs" ? [] : [{ ...mount, readOnly: mount.readOnly || modes.includes("ro") }],
  );
}

function checkTarget(target: string): string {
  if (!target.startsWith("/")) throw relativeTarget(target);
  const clean = path.posix.join("/", target).replace(/(.)\/$/, "$1");
  if (clean === "/") throw rootTarget();
  return clean;
}

function checkBind({ source, makeSource, propagation }: Extract<ContainerMount, { readonly type: "bind" }>): void {
  if (!source.startsWith("/")) throw relativeBindSource(source);
  if (!makeSource && statSync(source, { throwIfNoEntry: false }) === undefined) throw missingBindSource(source);
  if (propagation === "shared" || propagation === "rshared") throw sharedPropagation(propagation);
  if (propagation && !["private", "rprivate", "slave", "rslave"].includes(propagation)) {
    throw badPropagation(propagation);
  }
}

function depth({ target }: ContainerMount): number {
  return target.split("/").length;
}
