import type { Range } from "../base/ranges.ts";
import { parseSizeBytes } from "../base/size.ts";
import type { Flag, Problem } from "../dockerfile/model.ts";
import { type MountField, mountKeys, mountTypes, readMountFields, sharingModes } from "../dockerfile/mount-flag.ts";
import type { CopyFrom, RunMount } from "./graph.ts";
import { isNumber } from "./mount-fields.ts";
import { cleanPath } from "./paths.ts";
import type { Step } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

type Type = RunMount["kind"];
type Sharing = "shared" | "private" | "locked";

/** What the fields of one `--mount` say; later fields win. */
interface Wish {
  type: Type;
  from: string;
  source: string;
  target: string;
  readOnly: boolean | undefined;
  id: string;
  sharing: Sharing | undefined;
  required: boolean;
  sizeBytes: number | undefined;
  mode: number | undefined;
  uid: number | undefined;
  gid: number | undefined;
  env: string | undefined;
}

const types: readonly string[] = mountTypes;
const sharings: readonly string[] = sharingModes;

/**
 * The mounts of a RUN in the order of their targets; undefined when one cannot be, which is then reported. `fromOf`: what a
 * `from=` stands for.
 */
export function readMounts(
  state: StageState,
  step: Step,
  fromOf: (flag: Flag) => CopyFrom | undefined,
): readonly RunMount[] | undefined {
  const flags = step.instruction.flags.filter(({ name }) => name === "mount");
  let agents = 0;
  const mounts = flags.map((flag) => {
    const place = step.at ?? flag.valueRange ?? flag.range;
    const wish = readWish(state, flag, step.at);
    const mount = wish && mountOf(state, wish, place, () => fromOf(flag), agents);
    if (mount?.kind === "ssh") agents += 1;
    return mount;
  });
  const good = mounts.filter((mount) => mount !== undefined);
  if (good.length < mounts.length) return undefined;
  // A mount over a folder comes before those in it; otherwise any order that is always the same.
  return good.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0));
}

function placeOf(mount: RunMount): string {
  return mount.target ?? (mount.kind === "secret" ? (mount.env ?? "") : "");
}

function readWish(state: StageState, flag: Flag, at: Range | undefined): Wish | undefined {
  const wish: Wish = {
    type: "bind",
    from: "",
    source: "",
    target: "",
    readOnly: undefined,
    id: "",
    sharing: undefined,
    required: false,
    sizeBytes: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
    env: undefined,
  };
  let isGood = true;
  // Quotes that do not fit and a variable in from= were refused by the parser.
  for (const field of readMountFields(flag).fields) {
    const placed = at === undefined ? field : { ...field, range: at, valueRange: at };
    const value = expanded(state, placed);
    const complaint = value === false ? undefined : apply(wish, placed, value);
    if (complaint !== undefined) state.report(complaint);
    if (complaint !== undefined || value === false) isGood = false;
  }
  const complaint = isGood ? contradiction(wish, at ?? flag.valueRange ?? flag.range) : undefined;
  if (complaint !== undefined) state.report(complaint);
  return isGood && complaint === undefined ? wish : undefined;
}

/** After expansion, but for `from`; undefined without `=`; false when it failed, which is then reported. */
function expanded(state: StageState, { key, value, valueRange }: MountField): string | undefined | false {
  if (value === undefined || key === "from") return value;
  return state.expand(value, valueRange) ?? false;
}

/** Puts one field into the wish, or says why not. Some keys count only for the type that was read before them. */
function apply(
  wish: Wish,
  { key, text, range, valueRange }: MountField,
  value: string | undefined,
): Problem | undefined {
  const flag = (set: (isOn: boolean) => void): Problem | undefined => {
    const isOn = value === undefined ? true : parseBoolean(value);
    if (isOn === undefined) return problem.mountBoolean(valueRange, key, value ?? "");
    set(isOn);
    return undefined;
  };
  switch (key) {
    case "ro":
    case "readonly":
      return flag((isOn) => {
        wish.readOnly = isOn;
      });
    case "rw":
    case "readwrite":
      return flag((isOn) => {
        wish.readOnly = !isOn;
      });
    case "required":
      if (wish.type !== "secret" && wish.type !== "ssh") return problem.mountKeyForType(range, key, wish.type);
      return flag((isOn) => {
        wish.required = isOn;
      });
  }
  if (value === undefined) return keys.has(key) ? problem.mountNeedsValue(range, text) : problem.mountKey(range, text);
  switch (key) {
    case "type": {
      const type = value.toLowerCase();
      if (!types.includes(type)) return problem.mountType(valueRange, value);
      wish.type = type as Type;
      return undefined;
    }
    case "from":
      if (isNumber(value)) return problem.mountFromNumber(valueRange, value);
      wish.from = value;
      return undefined;
    case "source":
    case "src":
      wish.source = value;
      return undefined;
    case "target":
    case "dst":
    case "destination":
      wish.target = value;
      return undefined;
    case "id":
      wish.id = value;
      return undefined;
    case "sharing": {
      const sharing = value.toLowerCase();
      if (!sharings.includes(sharing)) return problem.mountSharing(valueRange, value);
      wish.sharing = sharing as Sharing;
      return undefined;
    }
    case "size":
      if (wish.type !== "tmpfs") return problem.mountKeyForType(range, key, wish.type);
      wish.sizeBytes = parseSizeBytes(value);
      return wish.sizeBytes === undefined ? problem.mountSize(valueRange, value) : undefined;
    case "mode":
    case "uid":
    case "gid":
      wish[key] = parseId(value, key === "mode" ? 8 : 10);
      return wish[key] === undefined ? problem.mountNumber(valueRange, key, value) : undefined;
    case "env":
      if (wish.type !== "secret") return problem.mountKeyForType(range, key, wish.type);
      if (value === "" || value.includes("=")) return problem.mountNeedsValue(range, text);
      wish.env = value;
      return undefined;
    default:
      return problem.mountKey(range, key);
  }
}

const keys: ReadonlySet<string> = new Set(Object.keys(mountKeys));

function contradiction(wish: Wish, range: Range): Problem | undefined {
  const { type } = wish;
  const hasOwner = type === "cache" || type === "secret" || type === "ssh";
  for (const key of ["mode", "uid", "gid"] as const) {
    if (!hasOwner && wish[key] !== undefined) return problem.mountKeyForType(range, key, type);
  }
  if (wish.sharing !== undefined && type !== "cache") return problem.mountKeyForType(range, "sharing", type);
  if (type === "ssh" && wish.source !== "") return problem.sshSource(range);
  if (type !== "secret") return undefined;
  if (wish.from !== "") return problem.secretFrom(range);
  if (wish.source !== "" && wish.id !== "") return problem.secretNamedTwice(range);
  return wish.source + wish.id + wish.target === "" ? problem.secretUnnamed(range) : undefined;
}

function mountOf(
  state: StageState,
  wish: Wish,
  range: Range,
  fromOf: () => CopyFrom | undefined,
  agents: number,
): RunMount | undefined {
  const { type, uid, gid, mode, required } = wish;
  const absolute = (path: string) =>
    path.startsWith("/") ? cleanPath(path) : cleanPath(state.config.workingDir || "/", path);
  if (type === "secret") {
    const id = wish.source || wish.id || baseName(wish.target);
    const written = wish.target || (wish.env === undefined ? `/run/secrets/${baseName(id)}` : "");
    const target = written === "" ? undefined : absolute(written);
    if (target === "/") return onRoot(state, range);
    return {
      kind: type,
      id,
      ...(target === undefined ? {} : { target }),
      ...(wish.env === undefined ? {} : { env: wish.env }),
      required,
      mode: mode ?? 0o400,
      uid: uid ?? 0,
      gid: gid ?? 0,
      range,
    };
  }
  if (type === "ssh") {
    const target = absolute(wish.target || `/run/buildkit/ssh_agent.${agents}`);
    if (target === "/") return onRoot(state, range);
    return {
      kind: type,
      id: wish.id || "default",
      target,
      required,
      mode: mode ?? 0o600,
      uid: uid ?? 0,
      gid: gid ?? 0,
      range,
    };
  }
  // Without a target it is the working directory, as in the reference.
  const target = absolute(wish.target);
  if (target === "/") return onRoot(state, range);
  const source = cleanPath(wish.source);
  const isWritable = wish.readOnly === undefined ? type !== "bind" : !wish.readOnly;
  if (type === "tmpfs") {
    return { kind: type, target, ...(wish.sizeBytes === undefined ? {} : { sizeBytes: wish.sizeBytes }), range };
  }
  const from = wish.from === "" ? undefined : fromOf();
  if (type === "bind") {
    return { kind: type, target, from: from ?? { kind: "context" }, source, writable: isWritable, range };
  }
  return {
    kind: type,
    target,
    id: cacheId(state, wish.id || cacheName(wish.target)),
    ...(from === undefined ? {} : { from }),
    source,
    sharing: wish.sharing ?? "shared",
    writable: isWritable,
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    range,
  };
}

function onRoot(state: StageState, range: Range): undefined {
  state.report(problem.mountOnRoot(range));
  return undefined;
}

/** The target as it is written, only cleaned: a relative one is the same cache in every working directory. */
function cacheName(target: string): string {
  return target.startsWith("/") ? cleanPath(target) : cleanPath(target).slice(1) || ".";
}

function cacheId({ shared }: StageState, id: string): string {
  const namespace = shared.plan.buildArgs.get("BUILDKIT_CACHE_MOUNT_NS") ?? "";
  return namespace === "" ? id : `${namespace}/${id}`;
}

function baseName(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) || path;
}

/** Go's strconv.ParseBool. */
function parseBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

function parseId(text: string, base: 8 | 10): number | undefined {
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) return undefined;
  const id = Number.parseInt(text, base);
  return id < 2 ** 32 ? id : undefined;
}
