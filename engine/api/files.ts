import {
  type Browsed,
  type FileRange,
  listFiles,
  makeFolderAt,
  readFileAt,
  removeAt,
  renameAt,
  writeFileAt,
} from "../containers/files/browse.ts";
import type { PlaceName } from "../containers/files/container-files.ts";
import { badRange, notChangeable } from "../containers/files/errors.ts";
import { bodyOf } from "./body.ts";
import { type Call, flag, param, sendEmpty, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { writeTo } from "./hijack.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

/** engine/base/files-api.ts says what is asked and answered. */
export const fileRoutes: readonly Route[] = (["containers", "images", "volumes"] as const).flatMap((kind) => {
  // Names of images have slashes.
  const place = `/drydock/${kind}/:name+`;
  const change = (handler: Handler): Handler => (kind === "images" ? refuse : handler);
  const routes: readonly (readonly [method: string, rest: string, handler: Handler])[] = [
    ["GET", "files", list],
    ["GET", "file", read],
    ["PUT", "file", change(write)],
    ["DELETE", "file", change(remove)],
    ["POST", "rename", change(rename)],
    ["POST", "mkdir", change(makeFolder)],
  ];
  return routes.map(([method, rest, handler]) =>
    route(method, `${place}/${rest}`, (call, services) => within(call, services, kind, handler)),
  );
});

type Handler = (call: Call, browsed: Browsed) => Promise<void>;

const kinds = { containers: "container", images: "image", volumes: "volume" } as const;

async function within(
  call: Call,
  { files, busy }: Services,
  kind: keyof typeof kinds,
  handler: Handler,
): Promise<void> {
  const place: PlaceName = { kind: kinds[kind], name: param(call, "name") };
  const done = busy();
  try {
    await files.browse(place, (browsed) => handler(call, browsed));
  } finally {
    done();
  }
}

async function refuse(): Promise<void> {
  throw notChangeable();
}

async function list(call: Call, browsed: Browsed): Promise<void> {
  sendJson(call, 200, await listFiles(browsed, wanted(call, "path"), flag(call, "follow", true)));
}

async function read(call: Call, browsed: Browsed): Promise<void> {
  const asked = call.req.headers.range;
  const pick = (size: number) => (asked === undefined ? undefined : rangeOf(asked, size));
  await readFileAt(browsed, wanted(call, "path"), pick, async ({ size, mtimeMs, range, content }) => {
    const { res } = call;
    res.setHeader("accept-ranges", "bytes");
    res.setHeader("last-modified", new Date(mtimeMs).toUTCString());
    if (range) res.setHeader("content-range", `bytes ${range.start}-${range.end}/${size}`);
    // Without a length: the file may grow or shrink while it is read.
    res.writeHead(range ? 206 : 200, { "content-type": "application/octet-stream" });
    if (call.req.method !== "HEAD") for await (const chunk of content) await writeTo(res, chunk);
    res.end();
  });
}

async function write(call: Call, browsed: Browsed): Promise<void> {
  const options = { create: flag(call, "create", true), signal: call.signal };
  sendJson(call, 200, await writeFileAt(browsed, wanted(call, "path"), bodyOf(call.req), options));
}

async function remove(call: Call, browsed: Browsed): Promise<void> {
  await removeAt(browsed, wanted(call, "path"), flag(call, "recursive"));
  sendEmpty(call, 204);
}

async function rename(call: Call, browsed: Browsed): Promise<void> {
  await renameAt(browsed, wanted(call, "from"), wanted(call, "to"), flag(call, "overwrite"));
  sendEmpty(call, 204);
}

async function makeFolder(call: Call, browsed: Browsed): Promise<void> {
  await makeFolderAt(browsed, wanted(call, "path"), flag(call, "parents"));
  sendEmpty(call, 204);
}

function wanted(call: Call, name: string): string {
  const path = text(call, name);
  if (path === undefined) throw badParameter(name, "");
  return path.startsWith("/") ? path : `/${path}`;
}

/** RFC 9110, "Range": one range of bytes; `bytes=-5` is the last five. @throws EngineError `invalid-argument` */
function rangeOf(header: string, size: number): FileRange {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === "" && last === "") throw badRange(header);
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw badRange(header);
  return { start, end };
}
