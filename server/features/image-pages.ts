import { splitImageName } from "../lint/image-names.ts";

const name = /^[\w./-]+$/;

/** Where people read about an image; undefined for registries that have no pages, and for what is no name. */
export function imagePage(reference: string): string | undefined {
  const { registry = "docker.io", repository, tag } = splitImageName(reference);
  if (!name.test(repository) || repository === "scratch") return undefined;
  switch (registry) {
    case "docker.io":
    case "index.docker.io": {
      const official = repository.replace(/^library\//, "");
      if (official.includes("/"))
        return /^[^/]+\/[^/]+$/.test(official) ? `https://hub.docker.com/r/${official}` : undefined;
      return `https://hub.docker.com/_/${official}`;
    }
    case "ghcr.io": {
      const [owner, ...rest] = repository.split("/");
      // A package is found by its owner alone: it need not belong to the repository that its name begins with.
      return rest.length === 0
        ? undefined
        : `https://github.com/${owner}/${rest[0]}/pkgs/container/${rest.join("%2F")}`;
    }
    case "quay.io":
      return `https://quay.io/repository/${repository}${tag === undefined || !/^[\w.-]+$/.test(tag) ? "" : `?tab=tags&tag=${encodeURIComponent(tag)}`}`;
    case "mcr.microsoft.com":
      return `https://mcr.microsoft.com/artifact/mar/${repository}`;
    case "gcr.io":
      return repository.startsWith("distroless/")
        ? "https://github.com/GoogleContainerTools/distroless"
        : `https://gcr.io/${repository}`;
    case "public.ecr.aws":
      return `https://gallery.ecr.aws/${repository}`;
    case "registry.access.redhat.com":
      return `https://catalog.redhat.com/search?q=${encodeURIComponent(repository)}`;
    default:
      return undefined;
  }
}
