import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import type { Isolation, Outbound } from "../base/drydock-api.ts";
import { type Message, msg } from "../base/message.ts";
import { findCgroupTree } from "./cgroups/tree.ts";
import { chooseRuntime, runtimeVariable } from "./choose-runtime.ts";
import { quote } from "./host-tools.ts";
import { installCommand } from "./install-command.ts";
import { architecturesOf } from "./seccomp/syscalls.ts";
import { findTools, runTool, type Tools } from "./tools.ts";
import type { HostFacts } from "./types.ts";

const capSysAdmin = 21n;

/** Looks at the machine from inside of the engine's process, whose namespaces it finds as holder.ts made them. */
export async function probeHost(): Promise<HostFacts> {
  const tools = findTools();
  if (process.platform !== "linux") return { isolation: "none", outbound: "none", notes: [notLinux()], tools };
  const [isolation, outbound, tar] = await Promise.all([probeIsolation(tools), probeOutbound(tools), probeTar(tools)]);
  const notes = [...isolation.notes, ...(isolation.value === "none" ? [] : outbound.notes), ...tar];
  if (isolation.value === "none") return { isolation: "none", outbound: outbound.value, notes, tools };
  const cgroups = findCgroupTree();
  const seccompBy = findSeccomp(tools);
  const choice = chooseRuntime(process.env[runtimeVariable] || "auto", tools, seccompBy);
  return {
    isolation: isolation.value,
    outbound: outbound.value,
    notes: [...notes, ...choice.notes, ...(cgroups ? [] : [noCgroups()])],
    tools,
    runtime: choice.runtime,
    ...(cgroups && { cgroups }),
    ...(seccompBy && { seccompBy }),
  };
}

/** A kernel without filters says nothing of them in proc(5). */
function findSeccomp(tools: Tools): HostFacts["seccompBy"] {
  if (!/^Seccomp:/m.test(readFileSync("/proc/self/status", "utf8")) || !architecturesOf(process.arch)) return undefined;
  return tools.perl ? "perl" : tools.python3 ? "python3" : undefined;
}

interface Finding<T> {
  readonly value: T;
  readonly notes: readonly Message[];
}

async function probeIsolation(tools: Tools): Promise<Finding<Isolation>> {
  const missing = (["unshare", "nsenter", "mount", "setpriv", "sh", "env", "cp", "mkfifo"] as const).filter(
    (name) => !tools[name],
  );
  if (missing.length > 0) return { value: "none", notes: [toolsMissing(missing)] };
  if (process.getuid?.() !== 0 || !hasSysAdmin()) return { value: "none", notes: [whyNoNamespaces()] };
  // What every container needs, tried once: a pid namespace with its own /proc, and mounts.
  const trial = `${quote(tools.mount ?? "")} -n -t proc proc /proc && ${quote(tools.mount ?? "")} -n -t tmpfs tmpfs /tmp`;
  const result = await runTool(tools.unshare ?? "", [
    "--mount",
    "--pid",
    "--fork",
    "--ipc",
    "--uts",
    tools.sh ?? "",
    "-c",
    trial,
  ]);
  if (result.code !== 0)
    return { value: "none", notes: [insideContainer() ? nestedContainer() : mountsRefused(result.stderr)] };
  const map = idMap("/proc/self/uid_map");
  const mappedIds = map.reduce((sum, entry) => sum + entry.count, 0);
  if (map.length === 1 && map[0]?.outside === 0 && mappedIds > 65536) return { value: "root", notes: [] };
  if (mappedIds > 1) return { value: "user-namespace", notes: [] };
  return {
    value: "single-id",
    notes: [tools.newuidmap && tools.newgidmap ? noSubordinateIds(map[0]?.outside ?? 0) : noNewuidmap()],
  };
}

async function probeOutbound(tools: Tools): Promise<Finding<Outbound>> {
  if (!canOpen("/dev/net/tun")) return { value: "none", notes: [existsSync("/dev/net/tun") ? closedTun() : noTun()] };
  if (tools.pasta) {
    const help = await runTool(tools.pasta, ["--help"]);
    // passt before 2022-09 has no --config-net: without it the namespace has no address.
    if ((help.stdout + help.stderr).includes("--config-net")) return { value: "pasta", notes: [] };
  }
  if (tools.slirp4netns) return { value: "slirp4netns", notes: [] };
  return { value: "none", notes: [noOutbound()] };
}

async function probeTar(tools: Tools): Promise<readonly Message[]> {
  const version = tools.tar ? (await runTool(tools.tar, ["--version"])).stdout : "";
  return version.includes("GNU tar") ? [] : [noGnuTar()];
}

interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

function idMap(file: string): IdRange[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      return { inside, outside, count };
    });
}

function hasSysAdmin(): boolean {
  const match = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"));
  return match !== null && ((BigInt(`0x${match[1]}`) >> capSysAdmin) & 1n) === 1n;
}

function whyNoNamespaces(): Message {
  if (insideContainer()) return nestedContainer();
  if (sysctl("kernel/apparmor_restrict_unprivileged_userns") === "1") {
    return msg(
      "AppArmor keeps ordinary users from making namespaces, so there are no containers and no RUN steps. Allow it: {command}",
      { command: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" },
    );
  }
  if (sysctl("user/max_user_namespaces") === "0")
    return namespacesSwitchedOff("sudo sysctl -w user.max_user_namespaces=28633");
  if (sysctl("kernel/unprivileged_userns_clone") === "0")
    return namespacesSwitchedOff("sudo sysctl -w kernel.unprivileged_userns_clone=1");
  return msg("This system does not let the engine make namespaces, so there are no containers and no RUN steps.");
}

const notLinux = () =>
  msg("Containers and RUN steps need Linux. On this system use Docker or Podman, or open the folder in WSL.");
const toolsMissing = (tools: readonly string[]) =>
  msg("Programs are missing ({tools}), so there are no containers and no RUN steps. Install them: {command}", {
    tools: tools.join(", "),
    command: installCommand(tools),
  });
const namespacesSwitchedOff = (command: string) =>
  msg("User namespaces are switched off, so there are no containers and no RUN steps. Allow them: {command}", {
    command,
  });
const nestedContainer = () =>
  msg("The engine runs inside of a container that may not start others. Start that container with: {command}", {
    command: "docker run --privileged",
  });
const mountsRefused = (detail: string) =>
  msg("This system refuses the mounts that containers need: {detail}", { detail: detail.trim().split("\n")[0] ?? "" });
const noNewuidmap = () =>
  msg("Images with several users will not work fully: newuidmap is missing. Install it: {command}", {
    command: installCommand(["newuidmap"]),
  });
const noCgroups = () =>
  msg(
    "Limits of memory, processors and processes have no effect: this system gives your account no control groups of its own.",
  );
const noTun = () =>
  msg("Containers have no network of their own: /dev/net/tun is missing. Load it: {command}", {
    command: "sudo modprobe tun",
  });
const closedTun = () =>
  msg("Containers have no network of their own: /dev/net/tun is not open to your account. Open it: {command}", {
    command: "sudo chmod 666 /dev/net/tun",
  });
const noOutbound = () =>
  msg("Containers cannot reach the network: neither pasta nor slirp4netns was found. Install one: {command}", {
    command: installCommand(["pasta"]),
  });
const noGnuTar = () =>
  msg("GNU tar was not found; images cannot be unpacked. Install it: {command}", { command: installCommand(["tar"]) });

function noSubordinateIds(uid: number): Message {
  const user = /^([^:]+)/.exec(
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((line) => line.split(":")[2] === String(uid)) ?? "",
  )?.[1];
  return msg(
    "Images with several users will not work fully: your account has no subordinate ids. Add them: {command}",
    {
      command: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user ?? uid}`,
    },
  );
}

function insideContainer(): boolean {
  return existsSync("/.dockerenv") || existsSync("/run/.containerenv");
}

function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function canOpen(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
