import { msg } from "../../../engine/base/message.ts";
import { connect } from "../../engines/connection.ts";
import { ensureDaemon, localEnginePaths, ping } from "../../engines/daemon.ts";
import { type Command, UsageError } from "../command.ts";
import { text } from "../text.ts";

export const engine: Command = {
  usage: "usage: drydock engine start|stop|status",
  async run([action, ...rest]) {
    if (rest.length > 0) throw new UsageError(text(msg("one action at a time")));
    const { socket } = localEnginePaths();
    switch (action) {
      case "start": {
        await ensureDaemon(__dirname);
        process.stdout.write(`DOCKER_HOST=unix://${socket}\n`);
        return 0;
      }
      case "stop": {
        if (!(await ping(socket))) {
          process.stdout.write(`${text(msg("The engine is not running."))}\n`);
          return 0;
        }
        await (await connect(socket)).shutdown();
        return 0;
      }
      case "status": {
        if (!(await ping(socket))) {
          process.stdout.write(`${text(msg("The engine is not running."))}\n`);
          return 1;
        }
        const status = await (await connect(socket)).status();
        const rows: [string, string | number][] = [
          ["version", status.version],
          ["pid", status.pid],
          ["socket", `unix://${status.socket}`],
          ["home", status.home],
          ["isolation", status.isolation],
          ["outbound network", status.outbound],
          ["running containers", status.runningContainers],
          ["builds", status.activeBuilds],
        ];
        process.stdout.write(rows.map(([label, value]) => `${label.padEnd(20)}${value}\n`).join(""));
        for (const note of status.notes) process.stdout.write(`! ${text(note)}\n`);
        return 0;
      }
      default:
        throw new UsageError(text(msg("start, stop or status?")));
    }
  },
};
