import type { Range } from "../base/ranges.ts";
import * as problem from "./errors.ts";
import { nearest } from "./instructions.ts";
import type { Flag, Problem } from "./model.ts";
import { type MountField, mountKeys, mountTypes, readMountFields, sharingModes } from "./mount-flag.ts";

/** What the builder refuses in one `--mount`. Fields with variables are known only when the step is carried out. */
export function checkMount(flag: Flag): readonly Problem[] {
  const { fields, badQuotes } = readMountFields(flag);
  if (badQuotes !== undefined) return [problem.mountQuotes(badQuotes)];
  const mount: Mount = { type: "bind", values: new Map() };
  const problems = fields.flatMap((field) => checkField(field, mount) ?? []);
  return problems.length > 0 ? problems : checkTogether(mount, flag.valueRange ?? flag.range);
}

/** What was read so far: some keys count only for the type that stands before them. */
interface Mount {
  /** `undefined`: it has a variable. */
  type: string | undefined;
  readonly values: Map<string, MountField>;
}

function checkField(field: MountField, mount: Mount): Problem | undefined {
  const { key: written, value, keyRange, valueRange } = field;
  const key = Object.hasOwn(mountKeys, written) ? mountKeys[written] : undefined;
  if (key === undefined) {
    // An empty field is a comma too many.
    return problem.mountKey(
      field.text === "" ? field.range : keyRange,
      written,
      nearest(written, Object.keys(mountKeys)),
    );
  }
  const isSwitch = key === "readonly" || key === "readwrite" || key === "required";
  if (value === undefined && !isSwitch) return problem.mountNeedsValue(field.range, written);
  mount.values.set(key, field);
  const hasVariable = value !== undefined && /\$./.test(value);
  if (hasVariable) {
    if (key === "type") mount.type = undefined;
    return key === "from" ? problem.mountFromVariable(valueRange, value) : undefined;
  }
  const ofType = (...types: readonly string[]) =>
    mount.type === undefined || types.includes(mount.type)
      ? undefined
      : problem.mountKeyForType(keyRange, written, mount.type);
  switch (key) {
    case "type": {
      const type = value?.toLowerCase() ?? "";
      const isKnown = mountTypes.some((one) => one === type);
      mount.type = isKnown ? type : undefined;
      return isKnown ? undefined : problem.mountChoice(valueRange, written, value ?? "", mountTypes.join(", "));
    }
    case "sharing":
      return sharingModes.some((one) => one === value?.toLowerCase())
        ? undefined
        : problem.mountChoice(valueRange, written, value ?? "", sharingModes.join(", "));
    case "readonly":
    case "readwrite":
      return checkSwitch(field);
    case "required":
      return ofType("secret", "ssh") ?? checkSwitch(field);
    case "size":
      return ofType("tmpfs") ?? (isSize(value ?? "") ? undefined : problem.mountSize(valueRange, value ?? ""));
    case "env":
      return ofType("secret");
    case "mode":
    case "uid":
    case "gid":
      return isNumber(value ?? "", key === "mode") ? undefined : problem.mountNumber(valueRange, key, value ?? "");
    default:
      return undefined;
  }
}

function checkTogether({ type, values }: Mount, whole: Range): readonly Problem[] {
  if (type === undefined) return [];
  const at = (key: string) => values.get(key);
  const problems: Problem[] = [];
  const onlyFor = (key: string, types: readonly string[]) => {
    const field = at(key);
    if (field && !types.includes(type)) problems.push(problem.mountKeyForType(field.keyRange, field.key, type));
  };
  for (const key of ["mode", "uid", "gid"]) onlyFor(key, ["secret", "ssh", "cache"]);
  onlyFor("sharing", ["cache"]);
  if (type !== "secret") return problems;
  const from = at("from");
  if (from?.value) problems.push(problem.secretFrom(from.range));
  const source = at("source");
  if (source?.value && at("id")?.value) problems.push(problem.secretNamedTwice(source.range));
  if (!source?.value && !at("id")?.value && !at("target")?.value) problems.push(problem.secretUnnamed(whole));
  return problems;
}

/** Go's strconv.ParseBool; nothing at all means yes. */
function checkSwitch({ key, value, valueRange }: MountField): Problem | undefined {
  if (value === undefined || /^(?:1|0|[tTfF]|TRUE|FALSE|[tT]rue|[fF]alse)$/.test(value)) return undefined;
  return problem.mountChoice(valueRange, key, value, "true, false");
}

function isNumber(value: string, octal: boolean): boolean {
  return octal
    ? /^[0-7]+$/.test(value) && Number.parseInt(value, 8) < 2 ** 32
    : /^\d+$/.test(value) && Number(value) < 2 ** 32;
}

/** docker/go-units, RAMInBytes: a number that may have a fraction, a blank, a unit in any case. */
function isSize(value: string): boolean {
  return /^\d+(?:\.\d+)?[ ]?(?:[kmgtp]i?b?|b)?$/i.test(value);
}
