import { damagedLayer, hostileLayer } from "./errors.ts";
import { newHeader, type TarChange, type TarEntry, type TarVisitor } from "./tar-rewriter.ts";

/** How deletions are written: as OCI layers do (names), or as overlayfs does (a device 0/0, an attribute). */
export interface OverlayForm {
  /** `trusted` as real root, `user` in a user namespace (mounted with userxattr). */
  readonly attributes: "trusted" | "user";
  /** Real device nodes may be made. */
  readonly devices: boolean;
}

export const whiteoutPrefix = ".wh.";
export const opaqueName = ".wh..wh..opq";
const xattr = "SCHILY.xattr.";
const maxLinks = 255;
const longestPath = 4096;

/** OCI image spec 1.1, "Whiteouts": from a layer's tar to overlayfs. One visitor for one archive, unpacked into an empty folder. */
export function toOverlay(form: OverlayForm): TarVisitor {
  const opaque = new Map([[`${xattr}${form.attributes}.overlay.opaque`, Buffer.from("y")]]);
  /** What is at each path so far: the entry of a folder, or null for anything else. */
  const seen = new Map<string, TarEntry | null>();
  const links = new Map<string, string>();
  const whiteouts = new Set<string>();
  const opaqueFolders = new Set<string>();

  const folderEntry = (path: string): TarChange => {
    opaqueFolders.add(path);
    const known = seen.get(path);
    return {
      header: known?.header ?? newHeader(0o755),
      name: `${path || "."}/`,
      type: "5",
      linkName: "",
      records: new Map([...cleanRecords(known?.records ?? new Map()), ...opaque]),
      empty: true,
    };
  };
  const whiteout = (path: string): readonly TarChange[] => {
    // A deletion is about the layers below only: what this layer has itself stays.
    const own = seen.get(path);
    if (own === null) return [];
    if (own) return [folderEntry(path)];
    whiteouts.add(path);
    return [{ header: newHeader(0), name: path, type: "3", linkName: "", records: new Map(), empty: true }];
  };

  return (entry) => {
    const given = normalize(entry.name);
    const path = resolveParents(given, links);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const base = path.slice(path.lastIndexOf("/") + 1);
    if (base === opaqueName) return [folderEntry(parent)];
    if (base.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) return [];
    if (base.startsWith(whiteoutPrefix)) {
      const hidden = base.slice(whiteoutPrefix.length);
      if (hidden === "" || hidden === "." || hidden === "..") throw hostileLayer(entry.name);
      return whiteout(parent === "" ? hidden : `${parent}/${hidden}`);
    }
    if (!"01234567".includes(entry.type))
      throw damagedLayer(`it has an entry of unknown type ${JSON.stringify(entry.type)}`);
    if (path === "" && entry.type !== "5") throw hostileLayer(entry.name);
    if (
      (entry.type === "3" || entry.type === "4") &&
      (!form.devices || (entry.device.major === 0 && entry.device.minor === 0))
    )
      return [];
    let { linkName } = entry;
    if (entry.type === "1") {
      linkName = resolveParents(normalize(entry.linkName), links);
      const target = links.get(linkName);
      if (target !== undefined) links.set(path, target);
    } else if (entry.type === "2") links.set(path, entry.linkName);
    else links.delete(path);
    seen.set(path, entry.type === "5" ? entry : null);
    const records = cleanRecords(entry.records);
    const hides = entry.type === "5" && (whiteouts.delete(path) || opaqueFolders.has(path));
    if (hides) for (const [key, value] of opaque) records.set(key, value);
    const name = entry.type === "5" ? `${path || "."}/` : path;
    const unchanged =
      name === entry.name && linkName === entry.linkName && records.size === entry.records.size && !hides;
    return unchanged ? undefined : [{ header: entry.header, name, type: entry.type, linkName, records }];
  };
}

/** From a writable layer, as GNU tar reads it, to an OCI layer's tar. */
export function fromOverlay(form: Pick<OverlayForm, "attributes">): TarVisitor {
  const opaqueKey = `${xattr}${form.attributes}.overlay.opaque`;
  return (entry) => {
    const name = withoutDot(entry.name);
    if (name === "") return [];
    const { header } = entry;
    if (entry.type === "3" && entry.device.major === 0 && entry.device.minor === 0) {
      const slash = name.lastIndexOf("/") + 1;
      const hidden = `${name.slice(0, slash)}${whiteoutPrefix}${name.slice(slash)}`;
      return [{ header, name: hidden, type: "0", linkName: "", records: new Map(), empty: true }];
    }
    const records = cleanRecords(entry.records);
    const change: TarChange = {
      header,
      name,
      linkName: entry.type === "1" ? withoutDot(entry.linkName) : entry.linkName,
      records,
    };
    if (entry.type !== "5" || !entry.records.has(opaqueKey)) return [change];
    return [
      change,
      {
        header: newHeader(0o644),
        name: `${name}${opaqueName}`,
        type: "0",
        linkName: "",
        records: new Map(),
        empty: true,
      },
    ];
  };
}

/** File capabilities and the user's attributes. Never overlayfs's own: a layer could point into the host with them. */
function cleanRecords(records: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map(
    [...records].filter(([key]) => {
      if (key.startsWith("LIBARCHIVE.")) return false;
      if (!key.startsWith(xattr)) return true;
      const name = key.slice(xattr.length);
      return name === "security.capability" || (name.startsWith("user.") && !name.startsWith("user.overlay."));
    }),
  );
}

/** `./a//b/` and `/a/b` → `a/b`: some builders write absolute names and mean the image's root. */
export function normalize(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || name.includes("\0") || name.length > longestPath) throw hostileLayer(name);
  return parts.join("/");
}

/**
 * Replaces symbolic links of this layer in the folders of a path by what they point to inside of the image. So no entry is ever
 * written through a link, which could lead out.
 */
export function resolveParents(path: string, links: ReadonlyMap<string, string>): string {
  if (links.size === 0) return path;
  const pending = path.split("/").reverse();
  const done: string[] = [];
  let followed = 0;
  while (pending.length > 0) {
    const part = pending.pop() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    done.push(part);
    const target = pending.length > 0 ? links.get(done.join("/")) : undefined;
    if (target === undefined) continue;
    if (++followed > maxLinks) throw hostileLayer(path);
    if (target.startsWith("/")) done.length = 0;
    else done.pop();
    pending.push(...target.split("/").reverse());
  }
  return done.join("/");
}

function withoutDot(name: string): string {
  return name.replace(/^\.\/?/, "");
}
