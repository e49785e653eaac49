// Runs the suites of test/vscode/host inside the real extension host and shows each of their tests here as one of ours.
import { readdirSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";
import { runExtensionHostTests } from "../support/vscode-host.ts";

describe("inside the extension host", function () {
  this.timeout(360_000);

  before(async function () {
    const folder = "test/vscode/host";
    const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
    const { outcomes } = await runExtensionHostTests({
      tests: tests.map((name) => path.join(folder, name)),
      folder: path.resolve("examples/node-app"),
    });
    for (const { title, failure } of outcomes) {
      const body = (): void => {
        if (failure !== undefined) throw Object.assign(new Error(failure), { stack: failure });
      };
      this.test?.parent?.addTest(new Mocha.Test(title, body));
    }
  });

  it("starts and ends by itself", () => {});
});
