import assert from "node:assert/strict";
import { createRuntime } from "../../../../engine/runtime/create-runtime.ts";
import { probeHost } from "../../../../engine/runtime/facts.ts";
import { findTools } from "../../../../engine/runtime/tools.ts";
import type { Runtime, RuntimeName } from "../../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../../support/as-user.ts";
import { runtimeContract } from "../contract.ts";
import { oneIdContract } from "../one-id.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;
const ordinary = "an ordinary user";
const oneId = "an account without subordinate ids";
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
      if (inside === `${name}: ${oneId}`) oneIdContract(() => make(name, "single-id"));
      return;
    }
    if (isRoot) describe("as root", () => runtimeContract(() => make(name, "root")));
    const user = isRoot ? { user: ordinaryUser() } : {};
    it("meets the contract for an ordinary user", async () => {
      await runAgain({ bundle: __filename, inside: `${name}: ${ordinary}`, prefix: userNamespaces, ...user });
    }).timeout(600_000);
    it("runs what needs one user only, for an account without subordinate ids", async () => {
      const prefix = userNamespaces.filter((option) => option !== "--map-auto");
      await runAgain({ bundle: __filename, inside: `${name}: ${oneId}`, prefix, ...user });
    }).timeout(300_000);
  });
}
