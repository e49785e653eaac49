import { EngineError } from "../../base/errors.ts";
import { msg } from "../../base/message.ts";

// Docker's words where clients look for them.

export function noSuchNetwork(name: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("network {name} not found", { name }),
    hint: msg("Create it with docker network create."),
  });
}

/** At create, where clients take "not found" for the image and pull it. */
export function noNetworkForContainer(name: string): EngineError {
  return new EngineError({ ...noSuchNetwork(name).details, code: "invalid-argument" });
}

export function ambiguousNetwork(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("more than one network id starts with {name}.", { name }),
    hint: msg("Give more digits of the id, or the name."),
  });
}

export function networkNameTaken(name: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("network with name {name} already exists", { name }) });
}

export function invalidNetworkName(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Invalid network name ({name}).", { name }),
    hint: msg("Use letters, digits, _ . and -, beginning with a letter or digit."),
  });
}

export function predefinedNetwork(name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("operation is not permitted on predefined {name} network", { name }),
  });
}

export function predefinedStays(name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("{name} is a pre-defined network and cannot be removed", { name }),
  });
}

export function onlyOneNetwork(driver: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg('only one instance of "{driver}" network is allowed', { driver }),
  });
}

export function unknownDriver(driver: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("could not find plugin {driver} in v1 plugin registry: plugin not found", { driver }),
    hint: msg("The driver of networks is bridge."),
  });
}

export function driverUnsupported(driver: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("This engine has no networks with the driver {driver}.", { driver }),
    hint: msg("Leave the driver out: containers of a bridge network reach one another, and published ports lead in."),
  });
}

export function needsIproute(command: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Networks between containers need the program ip of iproute2, which was not found."),
    hint: msg("Install it: {command}", { command }),
    action: { kind: "run-command", command },
  });
}

export function networkInUse(name: string, containers: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("network {name} has active endpoints: {containers}", { name, containers }),
    hint: msg("Stop these containers, or disconnect them from the network."),
  });
}

export function invalidSubnet(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid subnet: {subnet}", { subnet: text }),
    hint: msg("Write an address and the length of its prefix, like 172.28.0.0/16."),
  });
}

export function notInSubnet(address: string, subnet: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{address} is not an address of the subnet {subnet}", { address, subnet }),
  });
}

export function poolOverlaps(subnet: string, name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("Pool overlaps with other one on this address space: {subnet} is part of network {name}", {
      subnet,
      name,
    }),
  });
}

export function noFreeSubnet(): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("all predefined address pools have been fully subnetted"),
    hint: msg("Remove networks that nobody uses, or give a subnet."),
  });
}

export function noFreeAddress(name: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("no available IPv4 addresses on network {name}", { name }) });
}

export function addressTaken(address: string, name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("Address already in use: {address} in network {name}", { address, name }),
  });
}

export function onlyUserDefined(what: "alias" | "address"): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message:
      what === "alias"
        ? msg("network-scoped alias is supported only for containers in user defined networks")
        : msg("user specified IP address is supported on user defined networks only"),
    hint: msg("Create a network with docker network create and give it with --network."),
  });
}

export function invalidMac(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid MAC address: {text}", { text }),
    hint: msg("Write six bytes like 02:42:ac:11:00:02; the second digit must be even."),
  });
}

export function alreadyConnected(container: string, network: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("endpoint with name {container} already exists in network {network}", { container, network }),
  });
}

export function notConnected(container: string, network: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("container {container} is not connected to the network {network}", { container, network }),
  });
}

export function noNetworkOfItsOwn(mode: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("a container with the network mode {mode} cannot be connected to other networks", { mode }),
  });
}

export function sharedNetworkGone(container: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("cannot join network of a non running container: {container}", { container }),
    hint: msg("Start it first."),
  });
}

export function linkNotRunning(container: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Cannot link to a non running container: {container}", { container }),
    hint: msg("Start it first."),
  });
}
