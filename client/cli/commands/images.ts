import type { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import { formatAge, formatBytes } from "../../ui/format.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";

export const images: Command = {
  usage: "usage: drydock images [-q]",
  async run(args) {
    const { values } = parse({ args: [...args], options: { quiet: { type: "boolean", short: "q" } } });
    const { docker } = await engineConnection();
    const found = await docker.listImages();
    if (values.quiet) {
      process.stdout.write(found.map((image) => `${image.Id.replace("sha256:", "").slice(0, 12)}\n`).join(""));
      return 0;
    }
    const rows = found.flatMap((image) =>
      (image.RepoTags?.length ? image.RepoTags : ["<none>:<none>"]).map((name) => {
        const colon = name.lastIndexOf(":");
        const id = image.Id.replace("sha256:", "").slice(0, 12);
        const age = text(formatAge(image.Created * 1000, Date.now()));
        return [name.slice(0, colon), name.slice(colon + 1), id, age, formatBytes(image.Size)];
      }),
    );
    process.stdout.write(table([["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"], ...rows]));
    return 0;
  },
};

export const rmi: Command = {
  usage: "usage: drydock rmi [-f] IMAGE…",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { force: { type: "boolean", short: "f" } },
    });
    if (positionals.length === 0) throw new UsageError(text(msg("which image?")));
    const { docker } = await engineConnection();
    return forEach(positionals, async (name) => {
      const removed: { Untagged?: string; Deleted?: string }[] = await docker
        .getImage(name)
        .remove({ force: values.force ?? false });
      for (const { Untagged, Deleted } of removed) {
        if (Untagged) process.stdout.write(`Untagged: ${Untagged}\n`);
        if (Deleted) process.stdout.write(`Deleted: ${Deleted}\n`);
      }
    });
  },
};

export const pull: Command = {
  usage: "usage: drydock pull IMAGE",
  async run(args) {
    const { positionals } = parse({ args: [...args], allowPositionals: true });
    const [name] = positionals;
    if (name === undefined || positionals.length !== 1) throw new UsageError(text(msg("which image?")));
    const connection = await engineConnection();
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort());
    const shown = process.stderr.isTTY;
    const report = (progress: string) => {
      if (shown) process.stderr.write(`\r\x1b[K${progress}`);
    };
    try {
      await connection.pull(name, report, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      process.stderr.write(`${text(msg("The pull was cancelled."))}\n`);
      return 130;
    } finally {
      if (shown) process.stderr.write("\r\x1b[K");
    }
    process.stdout.write(`${name}\n`);
    return 0;
  },
};

export const tag: Command = {
  usage: "usage: drydock tag IMAGE NAME[:TAG]",
  async run(args) {
    const { positionals } = parse({ args: [...args], allowPositionals: true });
    const [image, name] = positionals;
    if (image === undefined || name === undefined || positionals.length !== 2) {
      throw new UsageError(text(msg("an image and its new name are needed")));
    }
    const { docker } = await engineConnection();
    const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
    const repo = colon < 0 ? name : name.slice(0, colon);
    await docker.getImage(image).tag({ repo, ...(colon < 0 ? {} : { tag: name.slice(colon + 1) }) });
    return 0;
  },
};

export const history: Command = {
  usage: "usage: drydock history [--no-trunc] IMAGE",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { "no-trunc": { type: "boolean" } },
    });
    const [image] = positionals;
    if (image === undefined || positionals.length !== 1) throw new UsageError(text(msg("which image?")));
    const { docker } = await engineConnection();
    const entries: HistoryEntry[] = await docker.getImage(image).history();
    const rows = entries.map(({ Id, Created, CreatedBy, Size, Comment }) => {
      const id = Id.replace("sha256:", "").slice(0, values["no-trunc"] ? undefined : 12);
      const line = CreatedBy.replace(/\s+/g, " ");
      const shown = values["no-trunc"] || line.length <= 60 ? line : `${line.slice(0, 59)}…`;
      return [id, text(formatAge(Created * 1000, Date.now())), shown, formatBytes(Size), Comment];
    });
    process.stdout.write(table([["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"], ...rows]));
    return 0;
  },
};

interface HistoryEntry {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
}

/** Does something for each name, says what failed and goes on; 1 when anything failed. */
export async function forEach(names: readonly string[], action: (name: string) => Promise<void>): Promise<number> {
  let code = 0;
  for (const name of names) {
    try {
      await action(name);
    } catch (error) {
      const failure: EngineError = toEngineError(error);
      process.stderr.write(`drydock: ${text(failure.details.message)}\n`);
      if (failure.details.hint) process.stderr.write(`${text(failure.details.hint)}\n`);
      code = 1;
    }
  }
  return code;
}
