import path from "node:path";
import { type Message, msg } from "../base/message.ts";
import type { ContainerMount } from "../containers/types.ts";
import {
  badBind,
  badMount,
  badMountMode,
  badVolumeName,
  duplicateMount,
  mountReasons,
  noVolumeDriver,
  unknownMountType,
} from "./create-errors.ts";
import { compact, type Fields } from "./fields.ts";

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
/** The last three are about sharing files with a virtual machine, and mean nothing on Linux. */
const bindModes = ["ro", "rw", "z", "Z", ...propagations, "cached", "delegated", "consistent"];
const volumeModes = ["ro", "rw", "z", "Z", "nocopy"];
const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Everything that is mounted by a container's own wish: Binds, Mounts, Tmpfs and Volumes. @throws EngineError `invalid-argument` */
export function parseMounts(config: Fields, host: Fields): ContainerMount[] {
  checkDriver(host.text("VolumeDriver"));
  const mounts = [
    ...(host.list("Binds") ?? []).map(parseBind),
    ...host.objects("Mounts").map(parseMount),
    ...Object.entries(host.record("Tmpfs") ?? {}).map(([target, options]) => parseTmpfs(target, options)),
  ];
  const taken = new Set<string>();
  for (const { target } of mounts) {
    if (taken.has(target)) throw duplicateMount(target);
    taken.add(target);
  }
  // `-v /data` and `-v name:/data` together mean the latter.
  const anonymous = config
    .object("Volumes")
    .keys()
    .map((target): ContainerMount => {
      checkTarget("volume", target);
      return { type: "volume", source: "", target: clean(target), readOnly: false, anonymous: true, written: "" };
    })
    .filter(({ target }) => !taken.has(target));
  return [...mounts, ...anonymous];
}

/** `/a/folder:/in/the/container[:ro,z,…]` or `name:/in/the/container[:ro,nocopy,…]`. */
function parseBind(text: string): ContainerMount {
  const [source = "", target = "", mode, ...more] = text.split(":");
  if (more.length > 0 || source === "" || target === "" || mode === "") throw badBind(text);
  const isFolder = source.startsWith("/");
  const type = isFolder ? "bind" : "volume";
  if (!target.startsWith("/")) throw badBind(text, badMount(type, mountReasons.relative(target)));
  if (clean(target) === "/") throw badBind(text, badMount(type, mountReasons.root()));
  const modes = mode === undefined ? [] : mode.split(",");
  const known = isFolder ? bindModes : volumeModes;
  if (modes.some((one) => !known.includes(one)) || (modes.includes("ro") && modes.includes("rw"))) {
    throw badMountMode(mode ?? "");
  }
  const common = { target: clean(target), readOnly: modes.includes("ro"), written: mode ?? "" };
  if (!isFolder) {
    if (!volumeName.test(source)) throw badVolumeName(source);
    return { type: "volume", source, ...common, ...(modes.includes("nocopy") ? { noCopy: true } : {}) };
  }
  const propagation = modes.find((one) => propagations.includes(one));
  return { type: "bind", source: clean(source), ...common, makeSource: true, ...(propagation ? { propagation } : {}) };
}

/** Only the local driver is here, so there is nothing to remember about it. */
function checkDriver(name: string | undefined): void {
  if (name && name !== "local") throw noVolumeDriver(name);
}

/** One of `Mounts`, what `--mount` writes. */
function parseMount(mount: Fields): ContainerMount {
  const type = mount.text("Type") ?? "";
  const source = mount.text("Source") ?? "";
  const target = mount.text("Target") ?? "";
  if (type !== "bind" && type !== "volume" && type !== "tmpfs") throw unknownMountType(type);
  const refuse = (reason: Message) => badMount(type, reason);
  checkTarget(type, target);
  const readOnly = mount.flag("ReadOnly") ?? false;
  const foreign = { bind: "BindOptions", volume: "VolumeOptions", tmpfs: "TmpfsOptions" };
  for (const [other, field] of Object.entries(foreign)) {
    if (other !== type && mount.raw(field) !== undefined) throw refuse(mountReasons.needless(field));
  }
  const common = { target: clean(target), readOnly };
  if (type === "bind") {
    if (source === "") throw refuse(mountReasons.noSource());
    if (!source.startsWith("/")) throw refuse(mountReasons.relative(source));
    const options = mount.object("BindOptions");
    const propagation = options.text("Propagation") || undefined;
    if (propagation !== undefined && !propagations.includes(propagation)) {
      throw refuse(mountReasons.propagation(propagation));
    }
    const makeSource = options.flag("CreateMountpoint") ?? false;
    return compact({ type, source: clean(source), ...common, makeSource, propagation });
  }
  if (type === "volume") return volumeMount(source, common, mount.object("VolumeOptions"));
  if (source !== "") throw refuse(mountReasons.needless("Source"));
  return { type, target: common.target, options: tmpfsOptions(mount.object("TmpfsOptions"), readOnly) };
}

function volumeMount(
  source: string,
  common: { readonly target: string; readonly readOnly: boolean },
  options: Fields,
): ContainerMount {
  if (source !== "" && !volumeName.test(source)) throw badVolumeName(source);
  const driver = options.object("DriverConfig");
  checkDriver(driver.text("Name"));
  const subpath = options.text("Subpath") || undefined;
  if (subpath !== undefined && (subpath.startsWith("/") || path.posix.normalize(subpath).startsWith(".."))) {
    throw badMount("volume", mountReasons.escapes(subpath));
  }
  return compact({
    type: "volume" as const,
    source,
    ...common,
    noCopy: options.flag("NoCopy") || undefined,
    subpath,
    labels: options.record("Labels"),
    driverOptions: driver.record("Options"),
    anonymous: source === "" || undefined,
  });
}

function parseTmpfs(target: string, options: string): ContainerMount {
  checkTarget("tmpfs", target);
  return { type: "tmpfs", target: clean(target), options, written: options };
}

function tmpfsOptions(options: Fields, readOnly: boolean): string {
  const size = options.integer("SizeBytes") ?? 0;
  const mode = options.integer("Mode") ?? 0;
  if (size < 0) throw badMount("tmpfs", msg("field {field} must not be negative", { field: "SizeBytes" }));
  return [
    ...(size > 0 ? [`size=${size}`] : []),
    ...(mode > 0 ? [`mode=${(mode & 0o7777).toString(8)}`] : []),
    ...(readOnly ? ["ro"] : []),
  ].join(",");
}

function checkTarget(type: string, target: string): void {
  if (target === "") throw badMount(type, mountReasons.noTarget());
  if (!target.startsWith("/")) throw badMount(type, mountReasons.relative(target));
  if (clean(target) === "/") throw badMount(type, mountReasons.root());
}

/** Without a slash at its end, `.` and `..`. */
function clean(text: string): string {
  return path.posix.resolve(text);
}
