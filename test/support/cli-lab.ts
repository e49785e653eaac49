// The `drydock` command as a person has it: bundled, beside the engine that it starts, in a home of its own.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { cpSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import type { EngineSettings } from "../../engine/base/drydock-api.ts";
import {
  bundleEngine,
  type EngineLab,
  logOf,
  type Output,
  openEngineLab,
  ordinaryUser,
  type RunOptions,
  root,
  type User,
} from "./docker-lab.ts";

/** Root and the ordinary user; whoever we are when we are not root. */
export function everyUser(): readonly User[] {
  const { username, uid, gid } = userInfo();
  const ordinary = ordinaryUser();
  return ordinary ? [root, ordinary] : [{ name: username, uid, gid }];
}

export interface Programs {
  readonly dir: string;
  dispose(): void;
}

/** All three programs and the translations, laid out as they are delivered. */
export async function bundlePrograms(): Promise<Programs> {
  const programs = await bundleEngine({ cli: "client/cli/main.ts" });
  cpSync("l10n", path.join(programs.dir, "..", "l10n"), { recursive: true });
  return programs;
}

export interface CliLab extends Omit<EngineLab, "ok"> {
  /** `drydock …` to its end. */
  drydock(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** The same; fails the test unless it ends with 0. Returns standard output. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** `drydock …`, still running. */
  start(args: readonly string[], options?: RunOptions): ChildProcess;
}

export async function openCliLab(
  user: User,
  programs: Programs,
  settings: Partial<EngineSettings> = {},
): Promise<CliLab> {
  const lab = await openEngineLab(user, { dist: programs.dir, settings });
  const cli = path.join(programs.dir, "cli.js");
  const drydock = (args: readonly string[], options?: RunOptions) => lab.run(process.execPath, [cli, ...args], options);
  return {
    ...lab,
    drydock,
    start: (args, options) => lab.spawn(process.execPath, [cli, ...args], options),
    async ok(args, options) {
      const { code, stdout, stderr } = await drydock(args, options);
      assert.equal(code, 0, `drydock ${args.join(" ")}\n${stdout}${stderr}\n${logOf(lab.home)}`);
      return stdout;
    },
  };
}
