import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { LintContexts } from "../../../server/lint/lint-context.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("with what a Dockerfile is checked", () => {
  const folder = scratchFolder();
  const rules = [{ id: "base/tag", sameAs: ["hadolint:DL3006"] }];
  const layer = {};

  it("comes from hadolint's file, drydock.yaml and settings, in this order", () => {
    writeFiles(folder(), {
      ".git": null,
      ".hadolint.yaml": "ignored: [DL3006]\ntrustedRegistries: [a]\n",
      "drydock.yaml": "lint: {preset: strict, rules: {base/tag: error}, context: .}\n",
      "docker/Dockerfile": "",
      "src/a.js": "",
    });
    const file = path.join(folder(), "docker/Dockerfile");
    const contexts = new LintContexts(rules);
    const { config, project, problems } = contexts.of({ file, layer });
    assert.deepEqual(
      [config.preset, config.severities, config.options],
      ["strict", { "base/tag": "error" }, { trustedRegistries: ["a"] }],
    );
    assert.deepEqual([project.exists("src/a.js"), problems], [true, []]);
    const chosen = contexts.of({ file, layer: { severities: { DL3006: "hint" } } });
    assert.deepEqual(chosen.config.severities, { "base/tag": "hint" });
  });

  it("is the same object until something changes", () => {
    const file = path.join(folder(), "Dockerfile");
    const yaml = path.join(folder(), "drydock.yaml");
    writeFiles(folder(), { ".git": null, "drydock.yaml": "lint: {preset: strict}\n" });
    const contexts = new LintContexts(rules);
    const first = contexts.of({ file, layer });
    assert.equal(contexts.of({ file, layer }).config, first.config);
    assert.equal(contexts.of({ file, layer }).project, first.project);
    writeFileSync(yaml, "lint: {preset: stricter}\n");
    const second = contexts.of({ file, layer });
    assert.equal(second.config.preset, "recommended");
    assert.equal(second.problems[0]?.file, yaml);
  });

  it("is settings alone for what is no file", () => {
    const { config, project } = new LintContexts(rules).of({ layer: { preset: "learner" } });
    assert.deepEqual([config.preset, project.known], ["learner", false]);
  });

  it("has what a home or variables say only where the project has no file of hadolint", () => {
    const file = path.join(folder(), "Dockerfile");
    writeFiles(folder(), { ".git": null });
    const home = { noFail: true };
    const environment = { threshold: "error" } as const;
    const contexts = new LintContexts(rules);
    assert.equal(contexts.of({ file, layer, home, environment }).config.noFail, true);
    writeFiles(folder(), { ".hadolint.yaml": "" });
    const { config } = contexts.of({ file, layer, home, environment });
    assert.deepEqual([config.noFail, config.threshold], [undefined, "error"]);
  });
});
