import type { Network, NetworkWish } from "../containers/networks/types.ts";
import type { Endpoint } from "../containers/types.ts";
import { type Call, param, readBody, sendEmpty, sendJson } from "./call.ts";
import { endpointOptions } from "./create-network.ts";
import { badField, badParameter } from "./errors.ts";
import { compact, type Fields, fieldsOf } from "./fields.ts";
import { anyOf, booleanFilter, type Filters, isLike, labelsFit, readFilters, untilMs } from "./filters.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { isoTime } from "./times.ts";

export const networkRoutes: readonly Route[] = [
  route("GET", "/networks", listNetworks),
  route("POST", "/networks/create", createNetwork),
  route("POST", "/networks/prune", pruneNetworks),
  route("GET", "/networks/:id", inspectNetwork),
  route("DELETE", "/networks/:id", async (call, { networks }) => {
    await networks.remove(param(call, "id"));
    sendEmpty(call, 204);
  }),
  route("POST", "/networks/:id/connect", connect),
  route("POST", "/networks/:id/disconnect", disconnect),
];

function listNetworks(call: Call, services: Services): void {
  const filters = readFilters(call, ["dangling", "driver", "id", "label", "name", "scope", "type"]);
  const dangling = booleanFilter(filters, "dangling");
  for (const type of filters.get("type") ?? []) {
    if (!["builtin", "custom"].includes(type)) throw badParameter("type", type);
  }
  const list = services.networks
    .list()
    .filter(
      (network) =>
        anyOf(filters, "driver", (value) => network.driver === value) &&
        anyOf(filters, "id", (value) => network.id.startsWith(value)) &&
        anyOf(filters, "name", (value) => isLike(value, network.name)) &&
        anyOf(filters, "scope", (value) => value === "local") &&
        anyOf(filters, "type", (value) => value === (isBuiltin(network) ? "builtin" : "custom")) &&
        labelsFit(filters, network.labels) &&
        (dangling === undefined || dangling === (!isBuiltin(network) && !isUsed(network, services))),
    )
    .map((network) => networkView(network, {}));
  sendJson(call, 200, list);
}

/** `verbose` and `scope` say nothing that a single machine could answer differently. */
function inspectNetwork(call: Call, { networks }: Services): void {
  const network = networks.get(param(call, "id"));
  const members = [...networks.membersOf(network.id)].map(
    ([id, { name, endpoint }]) => [id, memberView(id, name, endpoint)] as const,
  );
  sendJson(call, 200, networkView(network, Object.fromEntries(members)));
}

async function createNetwork(call: Call, { networks }: Services): Promise<void> {
  const { id } = await networks.create(wishOf(fieldsOf(await readBody(call))));
  sendJson(call, 201, { Id: id, Warning: "" });
}

async function pruneNetworks(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, ["label", "label!", "until"]);
  const unused = services.networks
    .list()
    .filter((network) => !isBuiltin(network) && !isUsed(network, services) && isOld(filters, network));
  const deleted: string[] = [];
  for (const { id, name } of unused) {
    try {
      await services.networks.remove(id);
      deleted.push(name);
    } catch (error) {
      services.log(`prune: ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  sendJson(call, 200, { NetworksDeleted: deleted });
}

async function connect(call: Call, { networks, containers }: Services): Promise<void> {
  const body = fieldsOf(await readBody(call));
  const network = networks.get(param(call, "id"));
  await containers.connect(containerOf(body), network.id, endpointOptions(body.object("EndpointConfig")));
  sendEmpty(call, 200);
}

/** `Force` asks for nothing more: an endpoint that its container does not know is swept when the engine starts. */
async function disconnect(call: Call, { networks, containers }: Services): Promise<void> {
  const body = fieldsOf(await readBody(call));
  const network = networks.get(param(call, "id"));
  await containers.disconnect(containerOf(body), network.id);
  sendEmpty(call, 200);
}

function containerOf(body: Fields): string {
  const container = body.text("Container");
  if (!container) throw badField("Container", "the name or id of a container");
  return container;
}

function wishOf(body: Fields): NetworkWish {
  const name = body.text("Name");
  if (!name) throw badField("Name", "the name of the network");
  const ipam = body.object("IPAM");
  const driver = ipam.text("Driver") || "default";
  if (driver !== "default") throw badField("IPAM.Driver", "default");
  return compact({
    name,
    driver: body.text("Driver") || undefined,
    internal: body.flag("Internal"),
    attachable: body.flag("Attachable"),
    enableIpv6: body.flag("EnableIPv6"),
    subnets: ipam.objects("Config").map((config) =>
      compact({
        subnet: config.text("Subnet") || undefined,
        gateway: config.text("Gateway") || undefined,
        range: config.text("IPRange") || undefined,
        reserved: config.record("AuxiliaryAddresses"),
      }),
    ),
    options: body.record("Options"),
    labels: body.record("Labels"),
  });
}

function isBuiltin({ name }: Network): boolean {
  return ["bridge", "host", "none"].includes(name);
}

/** By containers, running or not. */
function isUsed({ id }: Network, { containers }: Services): boolean {
  return containers.list().some(({ endpoints }) => endpoints.some(({ networkId }) => networkId === id));
}

function isOld(filters: Filters, { labels, createdAt }: Network): boolean {
  const without = (filters.get("label!") ?? []).every((label) => !labelsFit(new Map([["label", [label]]]), labels));
  return without && labelsFit(filters, labels) && createdAt < untilMs(filters);
}

function networkView(network: Network, members: Readonly<Record<string, unknown>>) {
  return {
    Name: network.name,
    Id: network.id,
    Created: isoTime(network.createdAt),
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: network.enableIpv6,
    IPAM: {
      Driver: "default",
      Options: null,
      Config: network.subnets.map(({ subnet, gateway, range, reserved }) => ({
        Subnet: subnet,
        ...(range ? { IPRange: range } : {}),
        Gateway: gateway,
        ...(reserved ? { AuxiliaryAddresses: reserved } : {}),
      })),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: members,
    Options: network.options,
    Labels: network.labels,
  };
}

function memberView(id: string, name: string, endpoint: Endpoint) {
  const { ipv4, prefixLength, ipv6, prefixLength6, macAddress } = endpoint;
  return {
    Name: name,
    EndpointID: id,
    MacAddress: macAddress ?? "",
    IPv4Address: ipv4 ? `${ipv4}/${prefixLength}` : "",
    IPv6Address: ipv6 ? `${ipv6}/${prefixLength6}` : "",
  };
}
