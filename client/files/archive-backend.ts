import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header, pack } from "tar-stream";
import { EngineError } from "../../engine/base/errors.ts";
import type { FileEntry, FileList, FileType } from "../../engine/base/files-api.ts";
import { msg } from "../../engine/base/message.ts";
import type { Connection } from "../engines/connection.ts";
import type { FileBackend } from "./backend.ts";
import type { Place } from "./place.ts";

/** An answer with a whole folder in it is read for its names only up to here. */
const mostBytes = 300_000_000;

/**
 * Files of containers of Docker and Podman, over what their API has for `docker cp`. A folder is listed by its tar, of which only the
 * names are kept; what has to be changed otherwise is done by the container's own programs.
 */
export function archiveBackend({ docker }: Connection): FileBackend {
  const containerOf = ({ kind, id }: Place) => {
    if (kind === "container") return docker.getContainer(id);
    throw new EngineError({
      code: "unsupported",
      message: msg("Files of images and volumes can be shown by the embedded engine only."),
      hint: msg("Start a container that uses it: its files can be shown."),
    });
  };
  const tarOf = async (place: Place, onEntry: (header: Header, body: AsyncIterable<unknown>) => Promise<boolean>) => {
    const stream = (await containerOf(place).getArchive({ path: place.path })) as Readable;
    const unpack = extract();
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) stream.destroy(tooLarge(place));
    });
    const fed = pipeline(stream, unpack);
    fed.catch(() => {});
    for await (const entry of unpack) {
      const goOn = await onEntry(entry.header, entry);
      if (!goOn) {
        stream.destroy();
        return;
      }
      entry.resume();
    }
    await fed;
  };
  const program = async (place: Place, command: readonly string[]) => {
    const exec = await containerOf(place).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    let said = "";
    for await (const chunk of stream) said += String(chunk);
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) {
      throw new EngineError({
        code: "invalid-argument",
        message: msg("{command}: {output}", { command: command[0] ?? "", output: said.trim() }),
      });
    }
  };
  return {
    async list(place) {
      let self: FileEntry | undefined;
      const entries: FileEntry[] = [];
      await tarOf(place, async (header) => {
        // The first is the folder itself, under its own name.
        const parts = header.name
          .replace(/\/$/, "")
          .split("/")
          .filter((part) => part !== "" && part !== ".");
        const depth = place.path === "/" ? parts.length + 1 : parts.length;
        if (!self) self = entryOf(header, parts.at(-1) ?? "");
        else if (depth === 2) entries.push(entryOf(header, parts.at(-1) ?? ""));
        return self.type === "folder";
      });
      const entry = self ?? { name: "", type: "folder", size: 0, mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 };
      if (entry.type !== "folder") return { entry, writable: true };
      return { entry, entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), writable: true } satisfies FileList;
    },
    async read(place) {
      const chunks: Buffer[] = [];
      await tarOf(place, async (header, body) => {
        if (header.type === "file") for await (const chunk of body) chunks.push(chunk as Buffer);
        return false;
      });
      return Buffer.concat(chunks);
    },
    async write(place, data) {
      const slash = place.path.lastIndexOf("/");
      const tar = pack();
      // Mode and owner as they were, when it was there.
      const before = await this.list(place).then(
        ({ entry }) => entry,
        () => undefined,
      );
      tar.entry(
        {
          name: place.path.slice(slash + 1),
          mode: before?.mode ?? 0o644,
          uid: before?.uid ?? 0,
          gid: before?.gid ?? 0,
          size: data.length,
        },
        Buffer.from(data),
      );
      tar.finalize();
      await containerOf(place).putArchive(Readable.from(tar), { path: place.path.slice(0, slash) || "/" });
    },
    mkdir: (place) => program(place, ["mkdir", place.path]),
    rename: (from, to, { overwrite }) => program(from, ["mv", ...(overwrite ? [] : ["-n"]), from.path, to.path]),
    remove: (place, { recursive }) => program(place, recursive ? ["rm", "-rf", place.path] : ["rm", place.path]),
  };
}

function entryOf(header: Header, name: string): FileEntry {
  return {
    name,
    type: typeOf(header.type),
    size: header.size ?? 0,
    mode: (header.mode ?? 0) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtimeMs: header.mtime?.getTime() ?? 0,
    ...(header.type === "symlink" && header.linkname ? { linkTarget: header.linkname } : {}),
  };
}

function typeOf(type: Header["type"]): FileType {
  switch (type) {
    case "directory":
      return "folder";
    case "symlink":
      return "link";
    case "fifo":
    case "character-device":
    case "block-device":
      return type;
    default:
      return "file";
  }
}

function tooLarge({ path }: Place): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("{path} is too large to be listed by this engine.", { path }),
    hint: msg("Open a folder below it with Go to Path, or use the embedded engine."),
  });
}
