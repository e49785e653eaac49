import { msg } from "../../../engine/base/message.ts";
import { formatAge } from "../../ui/format.ts";
import { publishedPorts } from "../../ui/ports.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";
import { forEach } from "./images.ts";

export const ps: Command = {
  usage: "usage: drydock ps [-a] [-q]",
  async run(args) {
    const { values } = parse({
      args: [...args],
      options: { all: { type: "boolean", short: "a" }, quiet: { type: "boolean", short: "q" } },
    });
    const { docker } = await engineConnection();
    const found = await docker.listContainers({ all: values.all ?? false });
    if (values.quiet) {
      process.stdout.write(found.map(({ Id }) => `${Id.slice(0, 12)}\n`).join(""));
      return 0;
    }
    const rows = found.map((container) => [
      container.Id.slice(0, 12),
      container.Image,
      container.Command.length > 30 ? `${container.Command.slice(0, 29)}…` : container.Command,
      text(formatAge(container.Created * 1000, Date.now())),
      container.Status,
      publishedPorts(container.Ports).join(", "),
      container.Names.map((name) => name.replace(/^\//, "")).join(","),
    ]);
    process.stdout.write(table([["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"], ...rows]));
    return 0;
  },
};

export const stop: Command = {
  usage: "usage: drydock stop [-t SECONDS] CONTAINER…",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { time: { type: "string", short: "t" } },
    });
    if (positionals.length === 0) throw new UsageError(text(msg("which container?")));
    if (values.time !== undefined && !/^\d+$/.test(values.time)) throw new UsageError(text(msg("-t takes seconds")));
    const { docker } = await engineConnection();
    return forEach(positionals, async (name) => {
      await docker.getContainer(name).stop(values.time === undefined ? {} : { t: Number(values.time) });
      process.stdout.write(`${name}\n`);
    });
  },
};

export const rm: Command = {
  usage: "usage: drydock rm [-f] CONTAINER…",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { force: { type: "boolean", short: "f" } },
    });
    if (positionals.length === 0) throw new UsageError(text(msg("which container?")));
    const { docker } = await engineConnection();
    return forEach(positionals, async (name) => {
      await docker.getContainer(name).remove({ force: values.force ?? false });
      process.stdout.write(`${name}\n`);
    });
  },
};
