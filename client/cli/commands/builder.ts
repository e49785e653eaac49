import { msg } from "../../../engine/base/message.ts";
import { parseSizeBytes } from "../../../engine/base/size.ts";
import { readAll, send } from "../../engines/http.ts";
import { formatAge, formatBytes } from "../../ui/format.ts";
import { type Command, engineSocket, parse, UsageError } from "../command.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";

interface CacheEntry {
  readonly ID: string;
  readonly Type: string;
  readonly Description: string;
  readonly Shared: boolean;
  readonly Size: number;
  readonly LastUsedAt: string;
}

/** The build cache: `du` shows it, `prune` makes room. */
export const builder: Command = {
  usage:
    "usage: drydock builder du | drydock builder prune [-a] [--filter until=24h|id=ID|type=KIND]… [--keep-storage SIZE]",
  async run(args) {
    const [verb, ...rest] = args;
    if (verb === "prune") return prune(rest);
    if (verb === "du" && rest.length === 0) return usage();
    throw new UsageError(text(msg("builder takes prune or du")));
  },
};

async function usage(): Promise<number> {
  const socket = await engineSocket();
  const answer = await readAll(await send(socket, "GET", "/system/df?type=build-cache"));
  const { BuildCache } = JSON.parse(answer) as { readonly BuildCache: readonly CacheEntry[] };
  const rows = [...BuildCache]
    .sort((a, b) => Date.parse(b.LastUsedAt) - Date.parse(a.LastUsedAt))
    .map(({ ID, Type, Size, Shared, LastUsedAt, Description }) => [
      ID.slice(0, 12),
      Type === "regular" ? "step" : "cache mount",
      formatBytes(Size),
      Shared ? "yes" : "",
      text(formatAge(Date.parse(LastUsedAt), Date.now())),
      Description.replace(/\s+/g, " ").slice(0, 60),
    ]);
  process.stdout.write(table([["ID", "KIND", "SIZE", "IN AN IMAGE", "LAST USED", "WHAT"], ...rows]));
  return 0;
}

async function prune(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      all: { type: "boolean", short: "a" },
      // Taken for docker's sake: nothing is asked here.
      force: { type: "boolean", short: "f" },
      filter: { type: "string", multiple: true },
      "keep-storage": { type: "string" },
    },
  });
  const filters: Record<string, string[]> = {};
  for (const filter of values.filter ?? []) {
    const equals = filter.indexOf("=");
    if (equals < 1) throw new UsageError(text(msg("--filter takes NAME=VALUE")));
    const name = filter.slice(0, equals);
    filters[name] = [...(filters[name] ?? []), filter.slice(equals + 1)];
  }
  const keep = values["keep-storage"];
  const keepBytes = keep === undefined ? undefined : parseSizeBytes(keep);
  if (keep !== undefined && !keepBytes) throw new UsageError(text(msg("--keep-storage takes a size like 10g")));
  const query = new URLSearchParams({
    ...(values.all ? { all: "1" } : {}),
    ...(keepBytes === undefined ? {} : { "keep-storage": String(keepBytes) }),
    ...(values.filter ? { filters: JSON.stringify(filters) } : {}),
  });
  const socket = await engineSocket();
  const answer = await readAll(await send(socket, "POST", `/build/prune?${query}`));
  const { CachesDeleted, SpaceReclaimed } = JSON.parse(answer) as {
    readonly CachesDeleted: readonly string[];
    readonly SpaceReclaimed: number;
  };
  for (const id of CachesDeleted) process.stdout.write(`${id.slice(0, 12)}\n`);
  process.stdout.write(`${text(msg("Freed: {size}", { size: formatBytes(SpaceReclaimed) }))}\n`);
  return 0;
}
