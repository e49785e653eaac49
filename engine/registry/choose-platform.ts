import type { Descriptor, Platform } from "../oci/types.ts";

/** Names of architectures as the OCI image spec takes them from Go; by what Node calls them. */
const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  ppc64: "ppc64le",
  loong64: "loong64",
};

export function hostPlatform(nodeArchitecture: string = process.arch): Platform {
  return { os: "linux", architecture: architectures[nodeArchitecture] ?? nodeArchitecture };
}

/**
 * The entry of an index to use: same system and architecture, the highest variant that is not above the wanted one.
 * Attestations have the platform unknown/unknown and so are never chosen.
 */
export function choosePlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const limit = level(wanted);
  return manifests
    .filter(({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture)
    .map((descriptor) => ({ descriptor, level: descriptor.platform ? level(descriptor.platform) : 0 }))
    .filter((candidate) => candidate.level <= limit)
    .reduce<{ descriptor: Descriptor; level: number } | undefined>(
      (best, candidate) => (best && best.level >= candidate.level ? best : candidate),
      undefined,
    )?.descriptor;
}

export function describePlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join("/");
}

/** An image without a variant is for these (containerd's platform rules). */
const usualVariants: Readonly<Record<string, number>> = { arm64: 8, arm: 7, amd64: 1 };

function level({ architecture, variant }: Platform): number {
  const number = /^v?(\d+)/.exec(variant ?? "")?.[1];
  return number === undefined ? (usualVariants[architecture] ?? 0) : Number(number);
}
