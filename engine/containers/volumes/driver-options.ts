import { invalidVolumeName, missingDriverOption, noQuota, noSuchDriver, unknownDriverOption } from "./errors.ts";
import type { VolumeWish } from "./types.ts";

type DriverOptions = Readonly<Record<string, string>>;

/** @throws EngineError `invalid-argument`, `not-found` (driver), `unsupported` */
export function checkWish({ name, driver = "", options = {} }: VolumeWish): void {
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/.test(name)) throw invalidVolumeName(name);
  if (driver !== "" && driver !== "local") throw noSuchDriver(driver);
  for (const option of Object.keys(options)) {
    if (option === "size") throw noQuota();
    if (!["type", "device", "o"].includes(option)) throw unknownDriverOption(option);
  }
  if (Object.keys(options).length === 0) return;
  for (const option of ["type", "device"]) if (!options[option]) throw missingDriverOption(option);
}

/** Something is mounted over the volume's own folder while containers use it. */
export function wantsMount(options: DriverOptions): boolean {
  return options.type !== undefined;
}

/** Arguments for mount(8). */
export function mountArguments({ type = "none", device = "", o = "" }: DriverOptions, target: string): string[] {
  return ["-n", "-t", type, ...(o === "" ? [] : ["-o", o]), "--", device, target];
}
