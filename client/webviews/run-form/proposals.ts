import { msg } from "../../../engine/base/message.ts";
import { buildOf } from "../../builds/build-of.ts";
import type { Connection } from "../../engines/connection.ts";
import type { Services } from "../../services.ts";
import { isFreePort } from "../../ui/free-port.ts";
import { containerNameFor } from "../../ui/names.ts";
import { parsePorts, suggestPorts } from "../../ui/ports.ts";
import type { FormData } from "./messages.ts";
import { type FieldProblem, noOptions, publishedOf, type RunOptions } from "./options.ts";

/** What the form begins with: what was chosen for this image or its Dockerfile last, else its ports at free ones of this machine. */
export async function formDataFor(services: Services, connection: Connection, image: string): Promise<FormData> {
  const { docker } = connection;
  const [images, networks, { Volumes }, containers, info] = await Promise.all([
    docker.listImages(),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listContainers({ all: true }),
    image ? inspectOrNot(connection, image) : undefined,
  ]);
  const isFree = freePorts(connection, containers);
  const kept = image ? services.storage.get<RunOptions>(await memoryKey(services, connection, image)) : undefined;
  const names = new Set(containers.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, ""))));
  const exposed = Object.keys(info?.Config.ExposedPorts ?? {}).sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  const ports = kept ? await freed(kept.ports, isFree) : rowsOf(await suggestPorts(exposed, isFree));
  return {
    options: { ...noOptions, ...kept, image, name: image ? containerNameFor(image, names) : "", ports },
    isHere: info !== undefined,
    images: images.flatMap(({ RepoTags }) => (RepoTags ?? []).filter((name) => name !== "<none>:<none>")).sort(),
    networks: networks.map(({ Name }) => Name).sort(),
    volumes: (Volumes ?? []).map(({ Name }) => Name).filter((name) => !/^[0-9a-f]{64}$/.test(name)),
  };
}

/** By Dockerfile where it is known, so that a new tag keeps what was chosen; else by name without tag. */
export async function memoryKey(services: Services, connection: Connection, image: string): Promise<string> {
  const info = await inspectOrNot(connection, image);
  const build = info && buildOf(services, info.Id, image);
  return `run.options:${build?.file ?? image.replace(/:[^:/]+$/, "")}`;
}

/** What only a look at the machine and the engine shows: ports and names that are taken. */
export async function takenProblems(connection: Connection, options: RunOptions): Promise<FieldProblem[]> {
  const containers = await connection.docker.listContainers({ all: true });
  const isFree = freePorts(connection, containers);
  const names = new Set(containers.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, ""))));
  const problems: FieldProblem[] = [];
  if (names.has(options.name)) {
    problems.push({
      field: "name",
      message: msg("There is already a container named {name}.", { name: options.name }),
      instead: containerNameFor(options.name, names),
    });
  }
  const asked = new Set(publishedOf(options).map(({ hostPort }) => hostPort));
  for (const [index, row] of options.ports.entries()) {
    const [port] = publishedOf({ ...options, ports: [row] });
    if (!port?.hostPort || port.protocol === "udp" || (await isFree(port.hostPort))) continue;
    const next = await nextFree(port.hostPort, async (one) => !asked.has(one) && (await isFree(one)));
    asked.add(next);
    problems.push({
      field: `ports.${index}`,
      message: msg("Port {port} of this machine is in use.", { port: port.hostPort }),
      instead: `${row.host.replace(/\d+$/, "")}${next}`,
    });
  }
  return problems;
}

type IsFree = (port: number) => Promise<boolean>;

/** Of the machine that the engine is on: of another one only its containers can be seen. */
function freePorts(
  { transport }: Connection,
  containers: readonly { readonly Ports: readonly { PublicPort?: number }[] }[],
): IsFree {
  const published = new Set(containers.flatMap(({ Ports }) => Ports.map(({ PublicPort }) => PublicPort)));
  const isHere = transport.address.kind === "socket";
  return async (port) => !published.has(port) && (!isHere || (await isFreePort(port)));
}

async function nextFree(port: number, isFree: IsFree): Promise<number> {
  let next = port;
  do next = next >= 65535 ? 1024 : next + 1;
  while (!(await isFree(next)) && next !== port);
  return next;
}

/** Remembered rows, with the next free port where the old one is in use now. */
async function freed(rows: RunOptions["ports"], isFree: IsFree): Promise<RunOptions["ports"]> {
  const found: { host: string; container: string }[] = [];
  for (const row of rows) {
    const port = /^\d+$/.test(row.host) ? Number(row.host) : 0;
    const host = port > 0 && !(await isFree(port)) ? String(await nextFree(port, isFree)) : row.host;
    found.push({ ...row, host });
  }
  return found;
}

function rowsOf(text: string): { host: string; container: string }[] {
  const parsed = parsePorts(text);
  if ("problem" in parsed) return [];
  return parsed.ports.map(({ hostPort, containerPort, protocol }) => ({
    host: String(hostPort),
    container: `${containerPort}${protocol === "udp" ? "/udp" : ""}`,
  }));
}

function inspectOrNot({ docker }: Connection, image: string) {
  return docker
    .getImage(image)
    .inspect()
    .catch(() => undefined);
}
