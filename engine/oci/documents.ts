import { isDigest } from "../base/digest.ts";
import type { Descriptor, ImageConfig, Index, Manifest, Platform } from "./types.ts";

// Guards for documents that come from outside (a registry, an archive, a layout edited by hand). They check what the
// engine relies on: digests, sizes, lists; everything else passes through untouched.

type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isDescriptor(value: unknown): value is Descriptor {
  return (
    isRecord(value) &&
    typeof value.mediaType === "string" &&
    typeof value.digest === "string" &&
    isDigest(value.digest) &&
    Number.isSafeInteger(value.size) &&
    (value.size as number) >= 0 &&
    isOptional(value.platform, isPlatform) &&
    isOptional(value.annotations, isStringMap)
  );
}

/** A document with both `layers` and `manifests` is neither: which one was meant is anybody's guess (CVE-2021-41190). */
export function isManifest(value: unknown): value is Manifest {
  return (
    isRecord(value) &&
    value.schemaVersion === 2 &&
    value.manifests === undefined &&
    isDescriptor(value.config) &&
    isListOf(value.layers, isDescriptor)
  );
}

export function isIndex(value: unknown): value is Index {
  return (
    isRecord(value) &&
    value.schemaVersion === 2 &&
    value.layers === undefined &&
    value.config === undefined &&
    isListOf(value.manifests, isDescriptor)
  );
}

export function isImageConfig(value: unknown): value is ImageConfig {
  if (!isRecord(value) || typeof value.os !== "string" || typeof value.architecture !== "string") return false;
  const { rootfs, history, config, created } = value;
  return (
    isRecord(rootfs) &&
    rootfs.type === "layers" &&
    isListOf(rootfs.diff_ids, (id): id is string => typeof id === "string" && isDigest(id)) &&
    isOptional(history ?? undefined, (list): list is Json[] => isListOf(list, isRecord)) &&
    isOptional(created ?? undefined, (time) => typeof time === "string") &&
    isOptional(config ?? undefined, isContainerConfig)
  );
}

function isContainerConfig(value: unknown): value is Json {
  if (!isRecord(value)) return false;
  const isAbsentOr = (names: readonly string[], guard: (field: unknown) => boolean) =>
    names.every((name) => value[name] === undefined || value[name] === null || guard(value[name]));
  return (
    isAbsentOr(["User", "WorkingDir", "StopSignal"], (field) => typeof field === "string") &&
    isAbsentOr(["Env", "Entrypoint", "Cmd", "OnBuild", "Shell"], isStringList) &&
    isAbsentOr(["ExposedPorts", "Volumes", "Healthcheck"], isRecord) &&
    isAbsentOr(["Labels"], isStringMap)
  );
}

function isPlatform(value: unknown): value is Platform {
  return (
    isRecord(value) &&
    typeof value.os === "string" &&
    typeof value.architecture === "string" &&
    isOptional(value.variant, (variant) => typeof variant === "string")
  );
}

function isStringList(value: unknown): value is string[] {
  return isListOf(value, (item): item is string => typeof item === "string");
}

function isStringMap(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === "string");
}

function isListOf<T>(value: unknown, guard: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(guard);
}

function isOptional(value: unknown, guard: (value: unknown) => boolean): boolean {
  return value === undefined || guard(value);
}
