import { type Call, param, sendJson } from "./call.ts";
import { noSuchNetwork, noSuchVolume } from "./errors.ts";
import { anyOf, readFilters } from "./filters.ts";
import { type Route, route } from "./router.ts";
import { never } from "./times.ts";

export const networkRoutes: readonly Route[] = [
  route("GET", "/volumes", (call) => sendJson(call, 200, { Volumes: [], Warnings: null })),
  route("GET", "/volumes/:name", (call) => {
    throw noSuchVolume(param(call, "name"));
  }),
  route("DELETE", "/volumes/:name", (call) => {
    throw noSuchVolume(param(call, "name"));
  }),
  route("GET", "/networks", listNetworks),
  route("GET", "/networks/:id", inspectNetwork),
  route("DELETE", "/networks/:id", (call) => {
    throw noSuchNetwork(param(call, "id"));
  }),
];

/** The three ways in which a container reaches the network; nobody can add one. */
const networks = [network("bridge", "bridge"), network("host", "host"), network("none", "null")];

function network(name: string, driver: string) {
  return {
    Name: name,
    Id: name.padEnd(64, "0"),
    Created: never,
    Scope: "local",
    Driver: driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: [] },
    Internal: name === "none",
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}

function listNetworks(call: Call): void {
  const filters = readFilters(call, ["dangling", "driver", "id", "label", "name", "scope", "type"]);
  const list = networks.filter(
    (entry) =>
      anyOf(filters, "driver", (value) => entry.Driver === value) &&
      anyOf(filters, "id", (value) => entry.Id.startsWith(value)) &&
      anyOf(filters, "name", (value) => entry.Name.includes(value)) &&
      anyOf(filters, "scope", (value) => entry.Scope === value) &&
      anyOf(filters, "type", (value) => value === "builtin") &&
      (filters.get("label") ?? []).length === 0,
  );
  sendJson(call, 200, list);
}

function inspectNetwork(call: Call): void {
  const id = param(call, "id");
  const found = networks.find((entry) => entry.Name === id || (id.length >= 3 && entry.Id.startsWith(id)));
  if (!found) throw noSuchNetwork(id);
  sendJson(call, 200, found);
}
