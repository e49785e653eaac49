import { msg } from "../../../engine/base/message.ts";
import { ping } from "../../engines/daemon.ts";
import { engineEnded } from "../../engines/http.ts";
import { demultiplex } from "../../engines/stdio.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { text } from "../text.ts";

export const logs: Command = {
  usage: "usage: drydock logs [-f] [-n LINES] [-t] CONTAINER",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        follow: { type: "boolean", short: "f" },
        tail: { type: "string", short: "n" },
        timestamps: { type: "boolean", short: "t" },
      },
    });
    const [name] = positionals;
    if (name === undefined || positionals.length !== 1) throw new UsageError(text(msg("which container?")));
    if (values.tail !== undefined && !/^(\d+|all)$/.test(values.tail))
      throw new UsageError(text(msg("-n takes a number of lines")));
    const { docker, transport } = await engineConnection();
    const container = docker.getContainer(name);
    const { Config } = await container.inspect();
    const options = {
      stdout: true,
      stderr: true,
      timestamps: values.timestamps ?? false,
      ...(values.tail === undefined || values.tail === "all" ? {} : { tail: Number(values.tail) }),
    };
    const source = values.follow
      ? await container.logs({ ...options, follow: true })
      : [await container.logs({ ...options, follow: false })];
    for await (const { stream, data } of demultiplex(source, Config.Tty)) {
      (stream === "stderr" ? process.stderr : process.stdout).write(data);
    }
    // The stream ends with the container, and also with the engine: then this says so.
    if (values.follow && !(await ping(transport.address))) throw engineEnded();
    return 0;
  },
};
