import { statSync } from "node:fs";
import type { DeviceBind } from "../devices.ts";
import type { RunSpec } from "../types.ts";

export interface DeviceNumbers {
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
}

interface DeviceRule extends Partial<DeviceNumbers> {
  readonly allow: boolean;
  readonly access: string;
}

/** null, zero, full, random, urandom, tty, ptmx, all of pts: devices.txt of the kernel's documentation. */
const usual: readonly (readonly [number, number?])[] = [[1, 3], [1, 5], [1, 7], [1, 8], [1, 9], [5, 0], [5, 2], [136]];

/** config-linux.md, "Allowed Device list": nodes may be made as by Docker's default capabilities, but few be opened. */
export function deviceRules({ devices = [] }: RunSpec, binds: readonly DeviceBind[]): DeviceRule[] {
  return [
    { allow: false, access: "rwm" },
    { allow: true, type: "c", access: "m" },
    { allow: true, type: "b", access: "m" },
    ...usual.map(
      ([major, minor]): DeviceRule => ({
        allow: true,
        type: "c",
        major,
        ...(minor !== undefined && { minor }),
        access: "rwm",
      }),
    ),
    ...binds.map(({ source, target }): DeviceRule => {
      const asked = devices.find((device) => target === device.target || target.startsWith(`${device.target}/`));
      return { allow: true, ...deviceNumbers(source), access: asked?.permissions || "rwm" };
    }),
  ];
}

/** makedev(3): 12 bits of the major number, 20 of the minor. */
export function deviceNumbers(source: string): DeviceNumbers {
  const stats = statSync(source);
  const number = stats.rdev;
  const [low, high] = [number % 2 ** 32, Math.floor(number / 2 ** 32)];
  return {
    type: stats.isBlockDevice() ? "b" : "c",
    major: ((low >>> 8) & 0xfff) | (high & ~0xfff),
    minor: (low & 0xff) | ((low >>> 12) & ~0xff),
  };
}
