import { readFileSync } from "node:fs";
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest, Agent as TlsAgent } from "node:https";
import type Docker from "dockerode";
import type { Address } from "./address.ts";
import { SshAgent } from "./ssh-agent.ts";

/** The way to one engine: HTTP over a socket, a pipe, TCP, TLS or ssh. */
export interface Transport {
  readonly address: Address;
  request(
    options: Pick<RequestOptions, "method" | "path" | "headers" | "signal" | "timeout">,
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest;
  /** Dockerode over the same way. Loaded here: it is large, and nothing needs it before an engine is used. */
  docker(): Promise<Docker>;
  close(): void;
}

/** @throws when a file of the address's TLS cannot be read. */
export function openTransport(address: Address): Transport {
  const way = wayTo(address);
  return {
    address,
    request: ({ method = "GET", path = "/", headers = {}, signal, timeout }, onResponse) => {
      const call = {
        ...way.options,
        method,
        path,
        headers,
        ...(signal ? { signal } : {}),
        ...(timeout === undefined ? {} : { timeout }),
      };
      return way.tls ? httpsRequest(call, onResponse) : httpRequest(call, onResponse);
    },
    async docker() {
      const { default: DockerClient } = await import("dockerode");
      return withoutDockerEnvironment(() => new DockerClient(way.docker));
    },
    close: () => way.agent?.destroy(),
  };
}

interface Way {
  readonly options: RequestOptions;
  readonly tls: boolean;
  /** `agent` is missing in its types. */
  readonly docker: Docker.DockerOptions & { readonly agent?: Agent };
  readonly agent?: Agent;
}

function wayTo(address: Address): Way {
  switch (address.kind) {
    case "socket":
      return {
        options: { socketPath: address.path },
        tls: false,
        docker: { socketPath: address.path, protocol: "http" },
      };
    case "tcp": {
      const { host, port, tls } = address;
      if (!tls) {
        const agent = new Agent({ keepAlive: true });
        return { options: { host, port, agent }, tls: false, docker: { host, port, protocol: "http", agent }, agent };
      }
      const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
      const [ca, cert, key] = [read(tls.ca), read(tls.cert), read(tls.key)];
      const agent = new TlsAgent({
        keepAlive: true,
        rejectUnauthorized: !tls.skipVerify,
        ...(ca ? { ca } : {}),
        ...(cert ? { cert } : {}),
        ...(key ? { key } : {}),
      });
      return { options: { host, port, agent }, tls: true, docker: { host, port, protocol: "https", agent }, agent };
    }
    case "ssh": {
      const agent = new SshAgent(address);
      const host = "docker.example.invalid";
      return { options: { host, agent }, tls: false, docker: { host, protocol: "http", port: 80, agent }, agent };
    }
  }
}

const dockerVariables = [
  "DOCKER_HOST",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  "DOCKER_PATH_PREFIX",
  "DOCKER_CLIENT_TIMEOUT",
];

/** Dockerode mixes these variables into what it is told, and an address here would go to another engine. */
function withoutDockerEnvironment<T>(body: () => T): T {
  const kept = dockerVariables.map((name) => [name, process.env[name]] as const);
  for (const name of dockerVariables) delete process.env[name];
  try {
    return body();
  } finally {
    for (const [name, value] of kept) if (value !== undefined) process.env[name] = value;
  }
}
