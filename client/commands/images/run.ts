import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import type { Services } from "../../services.ts";
import { isFreePort } from "../../ui/free-port.ts";
import { containerNameFor } from "../../ui/names.ts";
import { parsePorts, portOptions, suggestPorts } from "../../ui/ports.ts";
import { errorText } from "../../ui/ui.ts";
import { containerNodes } from "../../views/containers.ts";
import type { ImageNode } from "../../views/images.ts";
import { viewLogs } from "../containers/logs.ts";
import { openPort } from "../containers/open-in-browser.ts";
import { pickImage } from "../pick.ts";

/** Asks which ports to publish and for a name, then creates and starts a container. Returns its id. */
export async function runImage(services: Services, target?: Pick<ImageNode, "reference">): Promise<string | undefined> {
  const reference =
    target?.reference ?? (await pickImage(services, undefined, msg("Which image shall be run?")))?.reference;
  if (!reference) return undefined;
  const { docker } = await services.engines.connection();
  const image = await docker.getImage(reference).inspect();

  const portsKey = `run.ports:${reference}`;
  const exposed = Object.keys(image.Config.ExposedPorts ?? {}).sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  const portsText = await services.ui.input({
    title: msg("Run {name}: Ports", { name: reference }),
    prompt:
      exposed.length > 0
        ? msg("The image says that it listens on {ports}. Publish as host:container; empty publishes nothing.", {
            ports: exposed.join(", "),
          })
        : msg("The image exposes no port. Publish as host:container, like 3000:80, or leave it empty."),
    value: services.storage.get<string>(portsKey) ?? (await suggestPorts(exposed, isFreePort)),
    validate: (text) => {
      const parsed = parsePorts(text);
      return "problem" in parsed ? parsed.problem : undefined;
    },
  });
  if (portsText === undefined) return undefined;

  const existing = await docker.listContainers({ all: true });
  const taken = new Set(existing.flatMap((container) => container.Names.map((name) => name.replace(/^\//, ""))));
  const name = await services.ui.input({
    title: msg("Run {name}: Container Name", { name: reference }),
    prompt: msg("A name for the container."),
    value: containerNameFor(reference, taken),
    validate: (text) => {
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text)) return msg("Letters, digits, - _ and . only, at least two.");
      return taken.has(text) ? msg("There is already a container named {name}.", { name: text }) : undefined;
    },
  });
  if (!name) return undefined;
  await services.storage.update(portsKey, portsText);

  const parsed = parsePorts(portsText);
  const { ExposedPorts, PortBindings } = portOptions("ports" in parsed ? parsed.ports : []);
  const options = { Image: reference, name, ExposedPorts, HostConfig: { PortBindings } };
  let id: string;
  try {
    id = await startDetached(docker, options);
  } catch (error) {
    const again = {
      label: msg("Choose Other Ports"),
      run: () => runImage(services, { reference }).catch(services.ui.error),
    };
    const portTrouble = ["port-in-use", "port-privileged"].includes(toEngineError(error).code);
    if (portTrouble) await services.storage.update(portsKey, undefined);
    services.ui.error(error, ...(portTrouble ? [again] : []));
    return undefined;
  }
  await announce(services, docker, id);
  return id;
}

/** Nothing half-made stays behind: a container that could not start would only take its name away. */
export async function startDetached(docker: Docker, options: ContainerCreateOptions): Promise<string> {
  const container = await docker.createContainer(options);
  try {
    await container.start();
  } catch (error) {
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
  return container.id;
}

/** So long a program has to show that it does not end at once. */
const settleMs = 500;

/** A slow machine, or a program, takes longer: until then it is said as well that it has ended after all. */
const followMs = 10_000;

/** 128 + SIGKILL, 128 + SIGTERM: somebody has stopped it, who knows. */
const stopCodes: readonly number[] = [137, 143];

/** Says that it runs, or that it has ended already, and offers what comes next. */
export async function announce(services: Services, docker: Docker, id: string): Promise<void> {
  const ended = exitCodeOf(docker.getContainer(id), followMs);
  const code = await Promise.race([ended, new Promise<undefined>((resolve) => setTimeout(resolve, settleMs))]);
  await say(services, docker, id, code);
  if (code !== undefined) return;
  const followed = ended.then(async (late) => {
    if (late !== undefined && !stopCodes.includes(late)) await say(services, docker, id, late);
  });
  followed.catch((error) => services.log.warn(errorText(error)));
}

async function say(services: Services, docker: Docker, id: string, code: number | undefined): Promise<void> {
  const infos = await docker.listContainers({ all: true, filters: { id: [id] } });
  const node = containerNodes(infos, { nowMs: Date.now(), translate: ({ template }) => template })[0];
  if (!node) {
    if (code === undefined) return;
    return services.ui.info(msg("The container has ended with exit code {code} and was removed.", { code }));
  }
  const logs = { label: msg("View Logs"), run: () => viewLogs(services, node).catch(services.ui.error) };
  if (code !== undefined && node.state === "exited") {
    return services.ui.info(msg("{name} has already ended, with exit code {code}.", { name: node.name, code }), logs);
  }
  const port = node.hostPorts[0];
  if (port === undefined) return services.ui.info(msg("{name} is running.", { name: node.name }), logs);
  const open = { label: msg("Open in Browser"), run: () => openPort(port) };
  services.ui.info(msg("{name} is running at {url}", { name: node.name, url: `http://localhost:${port}` }), open, logs);
}

/** Undefined: it goes on. */
async function exitCodeOf(container: Docker.Container, withinMs: number): Promise<number | undefined> {
  try {
    const { StatusCode } = (await container.wait({ abortSignal: AbortSignal.timeout(withinMs) })) as {
      StatusCode: number;
    };
    return StatusCode;
  } catch {
    return undefined;
  }
}
