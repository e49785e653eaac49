// The Debian packages that tests need beyond Node, each with the program or file that shows it is there, and the account
// under which the tests are an ordinary user.
import { existsSync, readFileSync } from "node:fs";
import { root, run, Stop, which } from "./shell.mjs";
import { compilerPackages, isThere } from "./vscode-server.mjs";

const systemPackages = [
  ["apache2-utils", "htpasswd"],
  ["buildah", "buildah"],
  ["busybox-static", "busybox"],
  ["bzip2", "bzip2"],
  ["ca-certificates", "/etc/ssl/certs/ca-certificates.crt"],
  ["crun", "crun"],
  ["docker-registry", "docker-registry"],
  ["docker.io", "docker"],
  ["git", "git"],
  ["iproute2", "ip"],
  ["openssl", "openssl"],
  ["passt", "pasta"],
  ["podman", "podman"],
  ["runc", "runc"],
  ["shellcheck", "shellcheck"],
  ["skopeo", "skopeo"],
  ["slirp4netns", "slirp4netns"],
  ["uidmap", "newuidmap"],
  ["umoci", "umoci"],
  ["util-linux", "unshare"],
  ["xz-utils", "xz"],
  ["zstd", "zstd"],
];

const editorPackages = [
  ["chromium", "/usr/bin/chromium"],
  ["fonts-noto-cjk", "/usr/share/fonts/opentype/noto"],
  ...compilerPackages,
];

const needs = { unit: [], system: systemPackages, vscode: [...systemPackages, ...editorPackages] };

/** Installs what the suites miss: by itself as root on Debian, otherwise it stops with the one command to type. */
export async function ensurePackages(suites, say = console.log) {
  if (process.platform !== "linux") return;
  const wanted = new Map(suites.flatMap((suite) => needs[suite] ?? []));
  const missing = [...wanted].filter(([, shows]) => !isThere(shows)).map(([name]) => name);
  if (missing.length === 0) return;
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  if (which("apt-get") === undefined) {
    const shown = [...wanted]
      .filter(([name]) => missing.includes(name))
      .map(([name, shows]) => `  ${shows} (Debian: ${name})`);
    throw new Stop(
      `These are missing for the tests; install them with this system's package manager:\n${shown.join("\n")}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Stop(
      `Some programs are missing for the tests. Install them and start again:\n\n    sudo apt-get ${install.join(" ")}\n`,
    );
  }
  say(`Installing Debian packages: ${missing.join(" ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run("apt-get", ["-qq", ...install], { env });
}

/** Root also runs tests as an ordinary user, `dev`, who has subordinate ids as `useradd` gives them to a person. */
export async function ensureOrdinaryUser() {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return;
  const has = (file, name) => existsSync(file) && new RegExp(`^${name}:`, "m").test(readFileSync(file, "utf8"));
  if (!has("/etc/passwd", "dev")) await run("useradd", ["--create-home", "--shell", "/bin/bash", "dev"], { cwd: root });
  if (!has("/etc/subuid", "dev")) await run("usermod", ["--add-subuids", "231072-296607", "dev"]);
  if (!has("/etc/subgid", "dev")) await run("usermod", ["--add-subgids", "231072-296607", "dev"]);
}
