import assert from "node:assert/strict";
import { type ReportFacts, reportText, shownValue } from "../../client/help/report.ts";
import { statusRows } from "../../client/help/status-rows.ts";
import { doubled, silencing } from "../../client/neighbours-facts.ts";
import type { EngineStatus } from "../../engine/base/drydock-api.ts";
import { formatMessage, msg } from "../../engine/base/message.ts";

const status: EngineStatus = {
  version: "0.1.0",
  pid: 1,
  home: "/home/alice/.local/share/drydock",
  socket: "/run/user/1000/drydock/engine.sock",
  startedAt: 0,
  isolation: "single-id",
  outbound: "none",
  runtime: "builtin",
  seccomp: false,
  cgroups: { controllers: [] },
  notes: [
    msg("Add them: {command}", { command: "sudo usermod --add-subuids 1-2 --add-subgids 1-2 alice" }),
    msg("There are no limits."),
  ],
  runningContainers: 1,
  activeBuilds: 0,
};

describe("a report of a problem", () => {
  const facts: ReportFacts = {
    version: "0.1.0",
    editor: "Code 1.105",
    platform: "linux x64",
    remote: "wsl",
    engine: "embedded",
    status,
    settings: [
      { key: "drydock.engine", value: "ssh://alice@secret.example" },
      { key: "drydock.registryMirrors", value: ["https://token@mirror.example"] },
      { key: "drydock.lint.shellcheck.path", value: "/home/alice/bin/shellcheck" },
      { key: "drydock.lint.preset", value: "strict", choices: ["auto", "strict"] },
      { key: "drydock.lint.rules", value: { "run/cd": "off", "/home/alice": "off" } },
      { key: "drydock.format.indentSize", value: 2 },
    ],
  };

  it("says what helps to understand it", () => {
    const text = reportText(facts);
    for (const part of [
      "0.1.0",
      "linux x64",
      "remote: wsl",
      "single-id",
      "`drydock.lint.preset`: strict",
      "run/cd=off",
    ]) {
      assert.ok(text.includes(part), `${part}\n${text}`);
    }
    assert.match(text, /`drydock\.format\.indentSize`: 2\n/);
    assert.match(text, /`drydock\.engine`: \(set\)\n/);
  });

  it("names no person, path, host or secret", () => {
    assert.doesNotMatch(reportText(facts), /alice|secret|token|mirror\.|\/home|\/run\/user/);
  });

  it("names no host where VS Code is served from one", () => {
    const text = reportText({ ...facts, remote: "code.example.com:8443" });
    assert.match(text, /remote: \(a host\)/);
    assert.doesNotMatch(text, /example/);
    assert.match(reportText({ ...facts, remote: "ssh-remote" }), /remote: ssh-remote/);
  });

  it("does not trust a word because it looks like a choice", () => {
    assert.equal(shownValue({ key: "drydock.engine", value: "docker", choices: ["auto"] }), "(set)");
    assert.equal(shownValue({ key: "drydock.lint.rules", value: { a: "off" } }), "(set)");
  });
});

describe("the engine's status", () => {
  it("begins with what can be cured, and with what", () => {
    const rows = statusRows(status);
    assert.deepEqual(
      rows.slice(0, 3).map(({ kind, command }) => [kind, command]),
      [
        ["note", "sudo usermod --add-subuids 1-2 --add-subgids 1-2 alice"],
        ["note", undefined],
        ["fact", undefined],
      ],
    );
    const text = rows.map(({ label, value }) => `${formatMessage(label)}: ${formatMessage(value)}`).join("\n");
    assert.match(text, /Limits: have no effect here/);
    assert.match(text, /System calls: not filtered/);
  });
});

describe("other extensions that check Dockerfiles", () => {
  it("are noticed where a file has problems of both", () => {
    assert.equal(doubled(["drydock", "dockerfile-utils"]), "dockerfile-utils");
    assert.equal(doubled(["drydock", "docker-language-server"]), "docker-language-server");
    assert.equal(doubled(["dockerfile-utils"]), undefined, "ours are off, or have nothing to say");
    assert.equal(doubled(["drydock", "drydock build", "cSpell", undefined]), undefined);
  });

  it("are silenced by the settings that they document, and by no other", () => {
    const properties = {
      "docker.languageserver.diagnostics.directiveCasing": { enum: ["ignore", "warning", "error"] },
      "docker.languageserver.diagnostics.odd": { enum: ["off"] },
      "docker.languageserver.formatter.ignoreMultilineInstructions": {},
      "containers.commands.build": {},
    };
    assert.deepEqual(silencing([{ contributes: { configuration: [{ properties }, {}] } }, {}]), [
      ["docker.languageserver.diagnostics.directiveCasing", "ignore"],
    ]);
  });
});
