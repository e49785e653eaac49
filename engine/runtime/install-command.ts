import { readFileSync } from "node:fs";

type Family = "debian" | "fedora" | "alpine" | "arch" | "suse";

const installers: Readonly<Record<Family, string>> = {
  debian: "sudo apt install",
  fedora: "sudo dnf install",
  alpine: "sudo apk add",
  arch: "sudo pacman -S",
  suse: "sudo zypper install",
};

/** Where the package is not named like what one looks for. */
const packages: Readonly<Record<string, Partial<Record<Family, string>>>> = {
  mount: { fedora: "util-linux", arch: "util-linux", suse: "util-linux" },
  newuidmap: { debian: "uidmap", fedora: "shadow-utils", alpine: "shadow-uidmap", arch: "shadow", suse: "shadow" },
  nsenter: {
    debian: "util-linux",
    fedora: "util-linux",
    alpine: "util-linux-misc",
    arch: "util-linux",
    suse: "util-linux",
  },
  pasta: { debian: "passt", fedora: "passt", alpine: "passt", arch: "passt", suse: "passt" },
  perl: { debian: "perl-base", suse: "perl-base" },
  script: {
    debian: "bsdutils",
    fedora: "util-linux-script",
    alpine: "util-linux-misc",
    arch: "util-linux",
    suse: "util-linux",
  },
  setpriv: { debian: "util-linux", fedora: "util-linux", arch: "util-linux", suse: "util-linux" },
  unshare: {
    debian: "util-linux",
    fedora: "util-linux",
    alpine: "util-linux-misc",
    arch: "util-linux",
    suse: "util-linux",
  },
};
const coreutils = ["chown", "cp", "env", "mkdir", "mkfifo", "sh", "sleep", "stty", "sync", "true"];

/** The command with which a person installs these programs here. */
export function installCommand(tools: readonly string[], osRelease = readOsRelease()): string {
  const family = familyOf(osRelease);
  const names = tools.map((tool) => (coreutils.includes(tool) ? "coreutils" : (packages[tool]?.[family] ?? tool)));
  return `${installers[family]} ${[...new Set(names)].join(" ")}`;
}

/** os-release(5): ID names the distribution, ID_LIKE those that it is made from. */
function familyOf(osRelease: string): Family {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].flatMap(([, value = ""]) =>
    value.replaceAll(/["']/g, "").split(" "),
  );
  const known: Readonly<Record<string, Family>> = {
    debian: "debian",
    ubuntu: "debian",
    fedora: "fedora",
    rhel: "fedora",
    centos: "fedora",
    alpine: "alpine",
    arch: "arch",
    suse: "suse",
    opensuse: "suse",
  };
  return ids.map((id) => known[id]).find((family) => family !== undefined) ?? "debian";
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
