import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { networkFailed, noIsolation } from "./errors.ts";
import { type HelperSubnet, helperSubnet } from "./host-routes.ts";
import { need } from "./host-tools.ts";
import { readMounts } from "./mountinfo.ts";
import { allPids, identify, type ProcessIdentity, signalProcess } from "./proc.ts";
import { containerResolver, pastaResolver } from "./resolv-conf.ts";
import { loopbackUp } from "./stages.ts";
import { runTool, toolEnvironment } from "./tools.ts";
import type { ContainerNetwork, HostFacts, NetworkSetup } from "./types.ts";

/** As Docker does: a program that is not root, as after `USER node`, may listen on port 80 of its own network. */
const everyPort = "echo 0 2>/dev/null >/proc/sys/net/ipv4/ip_unprivileged_port_start || true";

/**
 * Network namespaces that nobody has to live in: each is mounted on a file of `dir`, in the engine's mount namespace, and so
 * outlives the engine. The helper that connects one with the outside binds nothing on the host: ports are published by a process
 * that has the listening sockets already.
 */
export function createNetworkSetup(facts: HostFacts, dir: string): NetworkSetup {
  const filesOf = (name: string) => {
    if (!/^\w[\w.-]*$/.test(name)) throw new Error(`not a file name: ${name}`);
    return {
      namespace: path.join(dir, name),
      helper: path.join(dir, `${name}.helper.json`),
      pid: path.join(dir, `${name}.pid`),
    };
  };

  const shut = (name: string) => {
    const { helper, pid } = filesOf(name);
    const running = readIdentity(helper);
    if (running) signalProcess(running, "SIGKILL");
    else if (existsSync(helper)) killWhoHas(filesOf(name).namespace);
    for (const file of [helper, pid]) rmSync(file, { force: true });
  };

  const open = async (name: string, hostLoopback = false): Promise<ContainerNetwork> => {
    const { namespace, helper, pid } = filesOf(name);
    const subnet = helperSubnet();
    const resolver = containerResolver(facts.outbound, subnet.resolver);
    const network = { path: namespace, resolvConf: resolver.text };
    if (facts.outbound === "none") return network;
    // An engine that is killed before it knows the helper leaves this: somebody is to be looked for.
    writeFileSync(helper, "", { mode: 0o600 });
    const helperPid =
      facts.outbound === "pasta"
        ? await startPasta(need(facts, "pasta"), { namespace, pidFile: pid, subnet, hostLoopback, ...resolver })
        : await startSlirp(need(facts, "slirp4netns"), { namespace, subnet, hostLoopback });
    const identity = identify(helperPid);
    if (identity) writeFileSync(helper, JSON.stringify(identity), { mode: 0o600 });
    return { ...network, helperPid, hostAddress: subnet.host };
  };

  const remove = async (name: string) => {
    const { namespace } = filesOf(name);
    shut(name);
    if (readMounts().some(({ mountPoint }) => mountPoint === namespace)) {
      await runTool(facts.tools.umount ?? "umount", ["-n", "-l", namespace]);
    }
    // Taking the file away also ends copies of the mount in containers that were started meanwhile.
    rmSync(namespace, { force: true });
  };

  return {
    async create(name, { outbound = true, hostLoopback = false, setUp = "" } = {}) {
      if (facts.isolation === "none") throw noIsolation(facts.notes[0]);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      await remove(name);
      const { namespace } = filesOf(name);
      writeFileSync(namespace, "", { mode: 0o600 });
      try {
        const made = await runTool(need(facts, "unshare"), [
          `--net=${namespace}`,
          need(facts, "sh"),
          "-c",
          `${loopbackUp(facts)}\n${everyPort}\n${setUp}`,
        ]);
        if (made.code !== 0) throw networkFailed(lastLine(made.stderr));
        return outbound ? await open(name, hostLoopback) : { path: namespace, resolvConf: "" };
      } catch (error) {
        await remove(name);
        throw error;
      }
    },
    open: (name, { hostLoopback } = {}) => open(name, hostLoopback),
    shut,
    remove,
    pathOf: (name) => filesOf(name).namespace,
  };
}

interface HelperWish {
  readonly namespace: string;
  readonly subnet: HelperSubnet;
  readonly hostLoopback: boolean;
}

/**
 * Goes to the background by itself once the namespace has its address. Every kind of port forwarding is off: it would bind all
 * ports. The namespace gets an address of its own instead of the host's: so it can tell the host from itself, and reach it.
 */
async function startPasta(
  pasta: string,
  wish: HelperWish & { readonly pidFile: string; readonly forward: boolean },
): Promise<number> {
  const { subnet, pidFile, namespace } = wish;
  const ports = ["-t", "none", "-u", "none", "-T", "none", "-U", "none"];
  const addresses = ["-I", "tap0", "-a", subnet.guest, "-n", "24", "-g", subnet.host];
  // As root it would become "nobody", who may not look into this folder; it drops its capabilities either way.
  const options = [
    "--config-net",
    "-q",
    "--runas",
    "0",
    ...ports,
    ...addresses,
    // Else the gateway's address leads to services on the host's loopback.
    ...(wish.hostLoopback ? [] : ["--no-map-gw"]),
    ...(wish.forward ? ["--dns-forward", pastaResolver] : []),
  ];
  const result = await runTool(pasta, [...options, "-P", pidFile, "--netns", namespace]);
  const pid = Number(readText(pidFile));
  if (result.code !== 0 || !Number.isSafeInteger(pid) || pid <= 0)
    throw networkFailed(lastLine(result.stderr) || "pasta did not start");
  return pid;
}

async function startSlirp(slirp: string, { namespace, subnet, hostLoopback }: HelperWish): Promise<number> {
  const options = [
    "--configure",
    "--mtu=65520",
    `--cidr=${subnet.cidr}`,
    ...(hostLoopback ? [] : ["--disable-host-loopback"]),
    "--ready-fd=3",
    "--netns-type=path",
  ];
  const log = openSync("/dev/null", "w");
  const child = spawn(slirp, [...options, namespace, "tap0"], {
    stdio: ["ignore", log, "pipe", "pipe"],
    detached: true,
    env: { ...toolEnvironment },
    cwd: "/",
  });
  closeSync(log);
  let complaint = "";
  const errors = child.stderr as Readable;
  errors.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ready = child.stdio[3] as Readable;
  const ended = new Promise<false>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
  });
  const isReady = await Promise.race([once(ready, "data").then(() => true), ended]);
  if (!isReady || child.pid === undefined) throw networkFailed(lastLine(complaint) || "slirp4netns did not start");
  ready.destroy();
  // It goes on without a reader: what it may still say is lost, not its life (it ignores SIGPIPE).
  errors.destroy();
  child.unref();
  return child.pid;
}

/** Kills what has the text as one of its arguments, also what it forks meanwhile. */
function killWhoHas(argument: string): void {
  const find = () => allPids().filter((pid) => readText(`/proc/${pid}/cmdline`)?.split("\0").includes(argument));
  for (let tries = 0; tries < 100; tries += 1) {
    const found = find();
    if (found.length === 0) return;
    for (const identity of found.flatMap((pid) => identify(pid) ?? [])) signalProcess(identity, "SIGKILL");
  }
}

function readIdentity(file: string): ProcessIdentity | undefined {
  const text = readText(file);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
