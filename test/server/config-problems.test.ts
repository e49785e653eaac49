import assert from "node:assert/strict";
import { formatMessage } from "../../engine/base/message.ts";
import { ConfigProblems } from "../../server/config-problems.ts";
import type { ConfigProblem } from "../../server/lint/config-yaml.ts";

const problem = (file: string, text: string): ConfigProblem => {
  const at = { line: 1, character: 2 };
  return { file, severity: "warning", message: { template: text }, range: { start: at, end: at } };
};

describe("problems of configuration files", () => {
  it("are shown once for all Dockerfiles, and go when the last of them goes", () => {
    const sent: string[] = [];
    const shown = new ConfigProblems(({ uri, diagnostics }) => {
      sent.push(`${uri} ${diagnostics.map(({ message }) => message).join(", ")}`);
    }, formatMessage);
    const list = [problem("/app/drydock.yaml", "one"), problem("/app/.hadolint.yaml", "two")];
    shown.set("file:///app/Dockerfile", list);
    assert.deepEqual(sent.splice(0), ["file:///app/drydock.yaml one", "file:///app/.hadolint.yaml two"]);
    shown.set("file:///app/Dockerfile", list);
    shown.set("file:///app/b/Dockerfile", [...list]);
    shown.set("file:///app/c/Dockerfile", []);
    assert.deepEqual(sent, []);
    shown.set("file:///app/b/Dockerfile", list.slice(1));
    shown.set("file:///app/Dockerfile", list.slice(1));
    assert.deepEqual(sent.splice(0), ["file:///app/drydock.yaml "]);
    shown.set("file:///app/Dockerfile", []);
    shown.set("file:///app/b/Dockerfile", []);
    assert.deepEqual(sent.splice(0), ["file:///app/.hadolint.yaml "]);
  });
});
