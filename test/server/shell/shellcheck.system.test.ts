import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, reparse } from "../../../engine/analysis.ts";
import type { Finding } from "../../../server/lint/finding.ts";
import { fixAll } from "../../../server/lint/fix-all.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { prepareShell } from "../../../server/shell/grammar.ts";
import { ShellCheck } from "../../../server/shell/shellcheck.ts";
import { type MissingNotice, missingNotice } from "../../../server/shell/shellcheck-missing.ts";
import { ShellCheckSession } from "../../../server/shellcheck-session.ts";
import { LanguageServer } from "../../support/language-server.ts";
import { scriptsOf, textOf } from "./read.ts";

async function check(
  file: string,
  variables: readonly string[] = [],
  shell?: readonly string[],
): Promise<readonly Finding[]> {
  const shellCheck = new ShellCheck();
  const all = await Promise.all(scriptsOf(file, shell).map((script) => shellCheck.check({ script, variables }, file)));
  assert.equal(shellCheck.isMissing, false, "shellcheck is not installed");
  return all.flat();
}

const codes = (findings: readonly Finding[]) => findings.map(({ rule }) => rule.replace("shellcheck/", ""));

describe("ShellCheck's findings", () => {
  before(() => prepareShell());

  const places: Readonly<Record<string, string>> = {
    "a line": "FROM x\nRUN rm $x\n",
    continuations: "FROM x\nRUN a && \\\n  # note\n  b 'é😀' && \\\n\trm $x\\\n  && c\n",
    ONBUILD: "FROM x\nONBUILD RUN a && \\\n  rm $x\n",
    "a heredoc": "FROM x\nRUN <<-EOF\n\ta\n\t\trm $x\n\tEOF\n",
    HEALTHCHECK: "FROM x\nHEALTHCHECK CMD rm $x\n",
    JSON: 'FROM x\nRUN ["sh", "-c", "a \\"b\\" && rm $x"]\n',
  };
  for (const [name, file] of Object.entries(places)) {
    it(`stand at the very word: ${name}`, async () => {
      const found = (await check(file, ["x"])).filter(({ rule }) => rule === "shellcheck/SC2086");
      assert.deepEqual(
        found.map(({ range }) => textOf(file, range)),
        ["$x"],
      );
      assert.deepEqual(found[0]?.sameAs, ["hadolint:SC2086", "shellcheck:SC2086"]);
      assert.equal(found[0]?.severity, "info");
      const edits = found[0]?.alternatives?.[0]?.edits;
      if (name === "JSON") assert.equal(edits, undefined);
      else assert.equal(applyEdits(file, edits ?? []), file.replace("$x", '"$x"'));
    });
  }

  it("put a word in quotes only for whoever asks for that word, since it may hold a list", async () => {
    const file = 'FROM x\nRUN apk add $deps linux-headers && rm $(cat /list) && echo "`pwd`"\n';
    const found = await check(file, ["deps"]);
    const ofQuotes = found.filter(({ alternatives }) => alternatives);
    assert.deepEqual([...new Set(codes(ofQuotes))], ["SC2086"]);
    const fixed = await fixAll(
      file,
      (text) => check(text, ["deps"]),
      () => true,
    );
    assert.equal(fixed.text, file.replace("`pwd`", "$(pwd)"));
    assert.equal(applyEdits(file, ofQuotes[0]?.alternatives?.[0]?.edits ?? []), file.replace("$deps", '"$deps"'));
  });

  it("know the variables that the image sets", async () => {
    assert.deepEqual(codes(await check('FROM x\nRUN echo "$known" "$other"\n', ["known"])), ["SC2154"]);
  });

  it("know the shell and its options", async () => {
    const file = "FROM x\nRUN [[ -n $known ]] && cd /x && ls\n";
    assert.ok(codes(await check(file, ["known"])).includes("SC3010"));
    assert.deepEqual(codes(await check(file, ["known"], ["/bin/bash", "-c"])), []);
    assert.deepEqual(codes(await check("FROM x\nRUN cd /x; ls\n", [], ["sh", "-ec"])), []);
    assert.deepEqual(codes(await check("FROM x\nRUN cd /x; ls\n")), ["SC2164"]);
  });

  it("know what sh is in the base image", async () => {
    const shellCheck = new ShellCheck();
    const said = async (image: string) => {
      const file = `FROM ${image}\nRUN set -o pipefail; source /x; [[ -n $HOME ]] | cat; a=(1 2)\n`;
      const lists = new Linter([]).scripts(parse(file));
      const all = await Promise.all(lists.flat().map((target) => shellCheck.check(target, file)));
      return codes(all.flat()).filter((code) => code.startsWith("SC3"));
    };
    assert.deepEqual(await said("my/image"), ["SC3040", "SC3046", "SC3010", "SC3030"]);
    assert.deepEqual(await said("alpine:3.22"), ["SC3030"]);
    assert.deepEqual(await said("node:24-alpine"), ["SC3030"]);
    assert.deepEqual(await said("fedora:43"), []);
    assert.deepEqual(await said("my/image"), ["SC3040", "SC3046", "SC3010", "SC3030"]);
  });

  it("are none for other shells and for words without a shell", async () => {
    for (const shell of [["pwsh"], ["cmd"], ["fish"]])
      assert.deepEqual(await check("FROM x\nRUN rm $x\n", [], shell), []);
    assert.deepEqual(await check('FROM x\nCMD ["rm", "$x"]\n'), []);
  });

  it("are none, quietly, where it is not installed", async () => {
    const shellCheck = new ShellCheck({ program: "/nowhere/shellcheck" });
    const [script] = scriptsOf("FROM x\nRUN rm $x\n");
    assert.ok(script);
    assert.deepEqual(await shellCheck.check({ script, variables: [] }, ""), []);
    assert.equal(shellCheck.isMissing, true);
    assert.equal(missingNotice("/nowhere").command, undefined);
  });

  it("are none when nobody waits for them any more", async () => {
    const [script] = scriptsOf("FROM x\nRUN rm $x\n");
    assert.ok(script);
    const controller = new AbortController();
    const asked = new ShellCheck().check({ script, variables: [] }, "", controller.signal);
    controller.abort();
    assert.deepEqual(await asked, []);
  });
});

describe("a session with ShellCheck", () => {
  before(() => prepareShell());

  const uri = "file:///Dockerfile";
  const file = (...runs: readonly string[]) => `FROM x\n${runs.map((run) => `RUN ${run}\n`).join("")}`;

  /** Each version of a document as the server would show it, and when ShellCheck has said more of it. */
  function open(path = "") {
    const linter = new Linter([]);
    let model = parse("");
    let more: () => void = () => assert.fail("nobody waits");
    let missing: (notice: MissingNotice) => void = () => assert.fail("it is there");
    const session = new ShellCheckSession({
      changed: () => more(),
      missing: (notice) => missing(notice),
      delayMs: 0,
    });
    session.configure({ enabled: true, path });
    return {
      session,
      show(text: string, version: number) {
        model = reparse(model, text);
        const now = model;
        return session.findings({ uri, version, text, scripts: () => linter.scripts(now) });
      },
      changed: () => new Promise<void>((resolve) => (more = resolve)),
      missing: () => new Promise<MissingNotice>((resolve) => (missing = resolve)),
    };
  }

  it("looks at the newest version only, and keeps what it knows of scripts that stay as they are", async () => {
    const { session, show, changed } = open();
    const first = changed();
    assert.deepEqual(show(file("rm $x"), 1), { findings: [], isComplete: false });
    show(file("rm $x", "cat $x"), 2);
    await first;
    const known = show(file("rm $x", "cat $x"), 2);
    assert.equal(known?.isComplete, true);
    assert.deepEqual(codes(known?.findings ?? []), ["SC2154", "SC2086", "SC2154", "SC2086"]);
    const second = changed();
    const typing = show(file("rm $x", "cat $xy"), 3);
    assert.equal(typing?.isComplete, false);
    assert.deepEqual(typing?.findings, known?.findings.slice(0, 2));
    assert.equal(typing?.findings[0], known?.findings[0], "the same objects");
    await second;
    assert.equal(show(file("rm $x", "cat $xy"), 3)?.findings.length, 4);
    const back = show(`\n${file("rm $x", "cat $x")}`, 4);
    assert.equal(back?.isComplete, true);
    assert.deepEqual(
      back?.findings.map(({ range }) => range.start.line),
      [2, 2, 3, 3],
    );
    session.dispose();
  });

  it("asks about a script that takes too long once for each version", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "drydock-shellcheck-"));
    const program = path.join(folder, "shellcheck");
    writeFileSync(program, `#!/bin/sh\ncat >/dev/null\necho asked >>${folder}/log\n`, { mode: 0o755 });
    const { session, show, changed } = open(program);
    const ended = changed();
    show(file("rm $x"), 1);
    await ended;
    assert.equal(show(file("rm $x"), 1)?.isComplete, false);
    const again = changed();
    show(file("rm $x "), 2);
    await again;
    assert.equal(readFileSync(path.join(folder, "log"), "utf8"), "asked\nasked\n");
    session.dispose();
    rmSync(folder, { recursive: true });
  });

  it("starts nothing until it is enabled", () => {
    const { session, show } = open();
    session.configure({ enabled: false, path: "" });
    assert.equal(show(file("rm $x"), 1), undefined);
  });

  it("tells once that it is missing", async () => {
    const { session, show, missing } = open("/nowhere/shellcheck");
    const told = missing();
    show(file("rm $x"), 1);
    assert.match((await told).message.template, /ShellCheck/);
    assert.equal(show(file("rm $x"), 2), undefined);
    session.dispose();
  });
});

describe("the language server with ShellCheck", function () {
  this.timeout(60_000);

  it("starts it when the workspace is trusted, and sends what it says later", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "drydock-shellcheck-"));
    const server = LanguageServer.start(path.join(folder, "server.js"));
    try {
      const uri = "untitled:Dockerfile";
      await server.initialize();
      const shown = new Promise<readonly unknown[]>((resolve) => {
        server.onDiagnostics = async () => {
          const codesNow = (await server.diagnostics(uri)).map(({ code }) => code);
          if (codesNow.includes("shellcheck/SC2086")) resolve(codesNow);
        };
      });
      await server.open(uri, "FROM debian:12\nARG x\nRUN rm $x\n");
      const before = (await server.diagnostics(uri)).map(({ code }) => code);
      assert.ok(!before.some((code) => String(code).startsWith("shellcheck/")));
      await server.connection.sendNotification("drydock/trusted");
      assert.deepEqual(
        (await shown).filter((code) => !String(code).startsWith("shellcheck/")),
        before,
      );
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
