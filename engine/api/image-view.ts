import { familiarReference, tryParseReference } from "../oci/reference.ts";
import type { ImageRecord } from "../store/types.ts";
import { isoTime, never } from "./times.ts";

/** Names as people write them; what cannot be read as a name is shown as it is stored. */
export function familiar(name: string): string {
  const reference = tryParseReference(name);
  return reference ? familiarReference(reference) : name;
}

/** `node` of `node:24` and of `node@sha256:…`. */
export function repositoryOf(name: string): string {
  const reference = tryParseReference(name);
  if (!reference) return name;
  const { registry, repository } = reference;
  return `${registry}/${repository}`.replace(/^docker\.io\/(library\/)?/, "");
}

/** One element of `GET /images/json`. */
export function imageSummary(image: ImageRecord, minor: number) {
  return {
    Id: image.id,
    ParentId: "",
    RepoTags: image.names.map(familiar),
    RepoDigests: image.repoDigests.map(familiar),
    Created: Math.floor((Date.parse(image.config.created ?? "") || 0) / 1000),
    Size: image.sizeBytes,
    ...(minor < 44 ? { VirtualSize: image.sizeBytes } : {}),
    SharedSize: -1,
    Labels: image.config.config?.Labels ?? null,
    Containers: -1,
  };
}

/** `GET /images/{name}/json`. */
export function imageDetails(image: ImageRecord, minor: number) {
  const { config } = image;
  return {
    Id: image.id,
    RepoTags: image.names.map(familiar),
    RepoDigests: image.repoDigests.map(familiar),
    Parent: "",
    Comment: config.history?.at(-1)?.comment ?? "",
    Created: config.created ?? never,
    DockerVersion: "",
    Author: config.author ?? "",
    Config: { ...emptyConfig, ...config.config },
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: image.sizeBytes,
    ...(minor < 44 ? { VirtualSize: image.sizeBytes } : {}),
    GraphDriver: { Name: "overlay2", Data: null },
    RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: isoTime(image.taggedAt) },
    Descriptor: image.manifestDescriptor,
  };
}

const emptyConfig = {
  User: "",
  ExposedPorts: undefined,
  Env: [],
  Cmd: null,
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

/** `GET /images/{name}/history`: newest first. Sizes are those of the layers as they are stored. */
export function imageHistory(image: ImageRecord) {
  const layers = image.manifest.layers;
  let layer = 0;
  const entries = (image.config.history ?? []).map((entry) => ({
    Id: "<missing>",
    Created: Math.floor((Date.parse(entry.created ?? image.config.created ?? "") || 0) / 1000),
    CreatedBy: entry.created_by ?? "",
    Tags: null as readonly string[] | null,
    Size: entry.empty_layer ? 0 : (layers[layer++]?.size ?? 0),
    Comment: entry.comment ?? "",
  }));
  // An image without history still has layers, and a person wants to see their sizes.
  for (const rest of layers.slice(layer)) {
    entries.push({ Id: "<missing>", Created: 0, CreatedBy: "", Tags: null, Size: rest.size, Comment: "" });
  }
  const newest = entries.at(-1);
  if (newest) {
    newest.Id = image.id;
    newest.Tags = image.names.map(familiar);
  }
  return entries.reverse();
}

/** Does `docker images <pattern>` mean this name? `*` and `?` do not cross slashes; a missing tag means any. */
export function nameFits(pattern: string, name: string): boolean {
  const shown = familiar(name);
  const expression = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, "\\$&")
      .replace(/\*/g, "[^/]*")
      .replace(/\?/g, "[^/]")}$`,
  );
  return [shown, name, repositoryOf(name)].some((form) => expression.test(form));
}
