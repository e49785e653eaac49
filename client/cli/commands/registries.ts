import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { EngineError, type ErrorBody } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { linesOf, readAll, send } from "../../engines/http.ts";
import { formatBytes } from "../../ui/format.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";

interface PushLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly Tag: string; readonly Digest: string };
  readonly error?: string;
  readonly drydock?: ErrorBody["drydock"];
}

export const push: Command = {
  usage: "usage: drydock push [--media-types oci|docker] [-a] IMAGE",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { "media-types": { type: "string" }, "all-tags": { type: "boolean", short: "a" } },
    });
    const [name] = positionals;
    if (name === undefined || positionals.length !== 1) throw new UsageError(text(msg("which image?")));
    const types = values["media-types"];
    if (types !== undefined && types !== "oci" && types !== "docker") {
      throw new UsageError(text(msg("--media-types is oci or docker")));
    }
    const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
    const query = new URLSearchParams({
      ...(colon < 0 && !values["all-tags"] ? { tag: "latest" } : {}),
      ...(colon >= 0 ? { tag: name.slice(colon + 1) } : {}),
      ...(types ? { mediatypes: types } : {}),
    });
    const repository = colon < 0 ? name : name.slice(0, colon);
    const { transport } = await engineConnection();
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort());
    const shown = process.stderr.isTTY;
    try {
      const path = `/images/${encodeURI(repository)}/push?${query}`;
      const response = await send(transport, "POST", path, undefined, stop.signal);
      const layers = new Map<string, { current: number; total: number }>();
      for await (const line of linesOf<PushLine>(response, stop.signal)) {
        if (line.error !== undefined) {
          throw new EngineError(line.drydock ?? { code: "internal", message: msg("{text}", { text: line.error }) });
        }
        if (line.aux) process.stdout.write(`${repository}:${line.aux.Tag}@${line.aux.Digest}\n`);
        const { current, total } = line.progressDetail ?? {};
        if (!shown || line.id === undefined || line.status !== "Pushing" || current === undefined) continue;
        layers.set(line.id, { current, total: total ?? current });
        const sums = [...layers.values()];
        const done = sums.reduce((sum, layer) => sum + layer.current, 0);
        const all = sums.reduce((sum, layer) => sum + layer.total, 0);
        process.stderr.write(`\r\x1b[K${formatBytes(done)} / ${formatBytes(all)}`);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      process.stderr.write(`${text(msg("The push was cancelled."))}\n`);
      return 130;
    } finally {
      if (shown) process.stderr.write("\r\x1b[K");
    }
    return 0;
  },
};

export const login: Command = {
  usage: "usage: drydock login [-u NAME] [--password-stdin] [REGISTRY]",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { username: { type: "string", short: "u" }, "password-stdin": { type: "boolean" } },
    });
    if (positionals.length > 1) throw new UsageError(text(msg("one registry at a time")));
    const isAsked = !values["password-stdin"];
    if (!isAsked && values.username === undefined) {
      throw new UsageError(text(msg("--password-stdin needs -u and a user name")));
    }
    if (isAsked && !process.stdin.isTTY) {
      throw new UsageError(text(msg("without a terminal the password is read with --password-stdin")));
    }
    const username = values.username ?? (await ask(text(msg("User name: ")), { isSecret: false }));
    const typed = isAsked
      ? await ask(text(msg("Password: ")), { isSecret: true })
      : (await readText(process.stdin)).replace(/\r?\n$/, "");
    if (!username || !typed) throw new UsageError(text(msg("a user name and a password are needed")));
    const { transport } = await engineConnection();
    const body = { username, password: typed, serveraddress: positionals[0] ?? "" };
    const answer = JSON.parse(await readAll(await send(transport, "POST", "/drydock/login", body))) as {
      registry: string;
      place: string;
      byHelper: boolean;
    };
    const { registry, place } = answer;
    const done = answer.byHelper
      ? msg("Logged in to {registry}. The credential helper {place} keeps the password.", { registry, place })
      : msg("Logged in to {registry}. The password is in {place}, not encrypted; only you can read it.", {
          registry,
          place,
        });
    process.stdout.write(`${text(done)}\n`);
    return 0;
  },
};

export const logout: Command = {
  usage: "usage: drydock logout [REGISTRY]",
  async run(args) {
    const { positionals } = parse({ args: [...args], allowPositionals: true });
    if (positionals.length > 1) throw new UsageError(text(msg("one registry at a time")));
    const { transport } = await engineConnection();
    const body = { serveraddress: positionals[0] ?? "" };
    const { registry, erased } = JSON.parse(await readAll(await send(transport, "POST", "/drydock/logout", body))) as {
      registry: string;
      erased: boolean;
    };
    const done = erased
      ? msg("Logged out of {registry}.", { registry })
      : msg("There was no login for {registry}.", { registry });
    process.stdout.write(`${text(done)}\n`);
    return 0;
  },
};

export const search: Command = {
  usage: "usage: drydock search [--limit N] TERM|REGISTRY/TERM",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { limit: { type: "string" } },
    });
    const [term] = positionals;
    if (term === undefined || positionals.length !== 1) throw new UsageError(text(msg("search for what?")));
    const { transport } = await engineConnection();
    const query = new URLSearchParams({ term, ...(values.limit ? { limit: values.limit } : {}) });
    const found = JSON.parse(await readAll(await send(transport, "GET", `/images/search?${query}`))) as {
      name: string;
      description: string;
      star_count: number;
      is_official: boolean;
    }[];
    const rows = found.map(({ name, description, star_count: stars, is_official: official }) => [
      name,
      description.length > 50 ? `${description.slice(0, 49)}…` : description,
      String(stars),
      official ? "[OK]" : "",
    ]);
    process.stdout.write(table([["NAME", "DESCRIPTION", "STARS", "OFFICIAL"], ...rows]));
    return 0;
  },
};

/** A line from the terminal; a secret one is not shown while it is typed. */
async function ask(question: string, { isSecret }: { readonly isSecret: boolean }): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: isSecret ? nowhere : process.stderr, terminal: true });
  try {
    return (await lines.question("")).trim();
  } finally {
    lines.close();
    if (isSecret) process.stderr.write("\n");
  }
}
