import type { Platform } from "./types.ts";

// containerd/platforms, "Normalization": names that people write for the names that images carry.
const architectureAliases: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  x64: "amd64",
  i386: "386",
  i686: "386",
  ia32: "386",
  aarch64: "arm64",
  armhf: "arm",
  armel: "arm",
};

const nodeArchitectures: Readonly<Record<string, Omit<Platform, "os">>> = {
  x64: { architecture: "amd64" },
  ia32: { architecture: "386" },
  arm64: { architecture: "arm64" },
  arm: { architecture: "arm", variant: "v7" },
  ppc64: { architecture: "ppc64le" },
  s390x: { architecture: "s390x" },
  riscv64: { architecture: "riscv64" },
  loong64: { architecture: "loong64" },
};

/** The platform of Linux containers on a machine whose `process.arch` is given. */
export function hostPlatform(nodeArch: string): Platform {
  return { os: "linux", ...(nodeArchitectures[nodeArch] ?? { architecture: nodeArch }) };
}

/** Reads `linux/arm64/v8`, `linux/amd64`, `arm64` or `linux`; `undefined` when it is none. `host` fills gaps. */
export function parsePlatform(text: string, host: Platform): Platform | undefined {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) return undefined;
  const [first = "", architecture, variant] = parts;
  if (architecture === undefined) {
    if (/^(?:linux|windows|darwin|freebsd)$/.test(first)) return { ...host, os: first };
    const known = normalizePlatform({ os: host.os, architecture: first });
    return isKnownArchitecture(known.architecture) ? known : undefined;
  }
  return normalizePlatform({ os: first, architecture, ...(variant === undefined ? {} : { variant }) });
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant ? `/${variant}` : ""}`;
}

/** Known aliases replaced, and variants that say nothing dropped (`arm64/v8`, `amd64/v1`); `arm` is `arm/v7`. */
export function normalizePlatform(platform: Platform): Platform {
  const written = platform.architecture.toLowerCase();
  const architecture = Object.hasOwn(architectureAliases, written)
    ? (architectureAliases[written] ?? written)
    : written;
  let variant = platform.variant?.toLowerCase().replace(/^(\d)/, "v$1");
  if (architecture === "arm64" && variant === "v8") variant = undefined;
  if (architecture === "amd64" && variant === "v1") variant = undefined;
  if (architecture === "arm" && variant === undefined) variant = written === "armel" ? "v6" : "v7";
  const { variant: _, ...rest } = platform;
  return { ...rest, os: platform.os.toLowerCase(), architecture, ...(variant === undefined ? {} : { variant }) };
}

export function samePlatform(a: Platform, b: Platform): boolean {
  const isEqual = a.os === b.os && a.architecture === b.architecture && a.variant === b.variant;
  return isEqual || formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

/**
 * The entry of an image index that runs on `wanted`: the same variant, else the highest lower one (an arm/v7 machine runs
 * arm/v6, an amd64/v3 machine amd64). Entries without platform, like attestations' `unknown`, never match.
 */
export function selectPlatform<T extends { readonly platform?: Platform }>(
  entries: readonly T[],
  wanted: Platform,
): T | undefined {
  const target = normalizePlatform(wanted);
  const limit = levelOf(target);
  let best: T | undefined;
  let bestLevel = -1;
  for (const entry of entries) {
    if (entry.platform === undefined) continue;
    const candidate = normalizePlatform(entry.platform);
    if (candidate.os !== target.os || candidate.architecture !== target.architecture) continue;
    const level = levelOf(candidate);
    if (level > limit || level <= bestLevel) continue;
    best = entry;
    bestLevel = level;
  }
  return best;
}

function levelOf({ architecture, variant }: Platform): number {
  const base = architecture === "arm64" ? 8 : 1;
  const level = Number(/^v(\d+)/.exec(variant ?? "")?.[1] ?? base);
  // v8.1 and its kin are above v8.
  return level + Number(/^v\d+\.(\d+)/.exec(variant ?? "")?.[1] ?? 0) / 100;
}

function isKnownArchitecture(name: string): boolean {
  return ["amd64", "386", "arm64", "arm", "ppc64le", "s390x", "riscv64", "loong64", "mips64le"].includes(name);
}
