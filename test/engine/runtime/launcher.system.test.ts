import assert from "node:assert/strict";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createLauncher } from "../../../engine/runtime/launcher.ts";
import type { Runtime } from "../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { runtimeContract } from "./contract.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;

async function launcher(isolation: string): Promise<Runtime> {
  const facts = await probeHost();
  assert.equal(facts.isolation, isolation);
  return createLauncher(facts);
}

describe("launcher", () => {
  if (inside !== undefined) {
    describe(inside, () => runtimeContract(() => launcher("user-namespace")));
    return;
  }
  if (isRoot) describe("as root", () => runtimeContract(() => launcher("root")));
  it("meets the contract for an ordinary user", async () => {
    await runAgain({
      bundle: __filename,
      inside: "as an ordinary user",
      prefix: userNamespaces,
      ...(isRoot && { user: ordinaryUser() }),
    });
  }).timeout(120_000);
});
