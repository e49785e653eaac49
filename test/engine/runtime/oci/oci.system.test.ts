import assert from "node:assert/strict";
import { createRuntime } from "../../../../engine/runtime/create-runtime.ts";
import { probeHost } from "../../../../engine/runtime/facts.ts";
import { findTools } from "../../../../engine/runtime/tools.ts";
import type { Runtime, RuntimeName } from "../../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../../support/as-user.ts";
import { runtimeContract } from "../contract.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;
const ordinary = "an ordinary user";
const tools = findTools();
const names = (["crun", "runc", "youki"] as const).filter((name) => tools[name] !== undefined);

async function make(name: RuntimeName, isolation: string): Promise<Runtime> {
  const facts = await probeHost();
  assert.equal(facts.isolation, isolation);
  return createRuntime({ ...facts, runtime: name });
}

for (const name of names) {
  describe(name, () => {
    if (inside !== undefined) {
      if (inside === `${name}: ${ordinary}`) runtimeContract(() => make(name, "user-namespace"));
      return;
    }
    if (isRoot) describe("as root", () => runtimeContract(() => make(name, "root")));
    const user = isRoot ? { user: ordinaryUser() } : {};
    it("meets the contract for an ordinary user", async () => {
      await runAgain({ bundle: __filename, inside: `${name}: ${ordinary}`, prefix: userNamespaces, ...user });
    }).timeout(180_000);
  });
}
