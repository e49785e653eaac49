import { get } from "node:http";
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import { recreateOptions } from "../commands/containers/recreate.ts";

/** In the container. */
export const inspectorPort = 9229;

export const hookName = ".drydock-inspect.cjs";

/** Marks containers that are there for a debugger, with the name of the one that they stand for. */
export const appLabel = "drydock.debug.app";

/**
 * Loaded by every Node of the container: opens the inspector in the app, not in what starts it, and waits for the debugger, so that
 * breakpoints in its first lines are met. Whoever comes second finds the port taken and goes on.
 */
export const hook = `const script = process.argv[1] || "";
const starters = /[\\\\/](npm|npx|yarn|yarnpkg|pnpm|corepack|nodemon|tsx|pm2)(-cli)?(\\.[cm]?js)?$|[\\\\/](npm|yarn|pnpm|corepack|nodemon|tsx)[\\\\/](bin|lib|dist)[\\\\/]/;
if (require("node:worker_threads").isMainThread && !starters.test(script)) {
  const inspector = require("node:inspector");
  inspector.open(${inspectorPort}, "0.0.0.0");
  if (inspector.url()) inspector.waitForDebugger();
}
`;

/** A container just like this one, whose Node programs wait for a debugger at a port that only this machine reaches. */
export function nodeDebugOptions(
  container: Pick<ContainerInspectInfo, "Id" | "Name" | "Image" | "Config" | "HostConfig" | "NetworkSettings">,
  image: ImageInspectInfo["Config"] | undefined,
  name: string,
): ContainerCreateOptions {
  const options = recreateOptions(container, image, container.Image);
  const given = (container.Config.Env ?? []).find((pair) => pair.startsWith("NODE_OPTIONS="));
  const nodeOptions = [given ?? "NODE_OPTIONS=", `--require /${hookName}`].join(given === undefined ? "" : " ");
  const port = `${inspectorPort}/tcp`;
  return {
    ...options,
    name,
    Env: [...(options.Env ?? []).filter((pair) => pair !== given), nodeOptions],
    ExposedPorts: { ...options.ExposedPorts, [port]: {} },
    Labels: { ...options.Labels, [appLabel]: container.Name.replace(/^\//, "") },
    HostConfig: {
      ...options.HostConfig,
      // When the app ends, the session does.
      RestartPolicy: { Name: "" },
      AutoRemove: false,
      PortBindings: { ...options.HostConfig?.PortBindings, [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  };
}

/** For the JavaScript debugger that VS Code brings. */
export function attachConfiguration(about: {
  readonly name: string;
  readonly port: number;
  readonly localRoot: string;
  readonly workingDir: string;
}) {
  return {
    type: "node",
    request: "attach",
    name: about.name,
    address: "127.0.0.1",
    port: about.port,
    localRoot: about.localRoot,
    remoteRoot: about.workingDir || "/",
    skipFiles: ["<node_internals>/**"],
  };
}

/** Whether an inspector answers at a port of this machine before the time is over. */
export async function inspectorAnswers(port: number, goOn: () => Promise<boolean>, mostMs = 30_000): Promise<boolean> {
  const until = Date.now() + mostMs;
  while (Date.now() < until) {
    if (await asks(port)) return true;
    if (!(await goOn())) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function asks(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get({ host: "127.0.0.1", port, path: "/json/version", timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
  });
}
