import { parsePorts } from "../ui/ports.ts";
import { quoteWord } from "../ui/shell-words.ts";
import { noOptions, type RunOptions } from "../webviews/run-form/options.ts";

/** `"task": "run"` of a task of type `drydock`. */
export interface RunTask {
  readonly type: "drydock";
  readonly task: "run";
  /** Or the image that was built last from a Dockerfile. */
  readonly image?: string;
  readonly dockerfile?: string;
  // Not `name`: VS Code takes that for the task's own.
  readonly containerName?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly command?: string | readonly string[];
  readonly network?: string;
  /** Default true: the next run of the task finds its name free. */
  readonly rm?: boolean;
  readonly interactive?: boolean;
}

/** The task in the terms of the form. */
export function optionsOf(definition: RunTask, image: string): RunOptions {
  const { ports = [], volumes = [], env = {}, command = "", rm = true, interactive = false } = definition;
  return {
    ...noOptions,
    image,
    name: definition.containerName ?? "",
    ports: ports.flatMap((text) => {
      const parsed = parsePorts(text);
      if ("problem" in parsed) return [{ host: "", container: text }];
      const at = text.lastIndexOf(":");
      return [{ host: at < 0 ? "" : text.slice(0, at), container: text.slice(at + 1) }];
    }),
    volumes: volumes.map((text) => {
      // The folder of Windows has a colon of its own.
      const [, source = "", target = text, mode = ""] =
        /^((?:[A-Za-z]:[\\/])?[^:]+):([^:]+)(?::(.*))?$/.exec(text) ?? [];
      return { source, target, readOnly: mode.split(",").includes("ro") };
    }),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    envFile: definition.envFile ?? "",
    command: typeof command === "string" ? command : command.map(quoteWord).join(" "),
    network: definition.network ?? "",
    remove: rm,
    interactive,
  };
}
