import assert from "node:assert/strict";
import type { Finding } from "../../../server/lint/finding.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { prepareShell } from "../../../server/shell/grammar.ts";
import { ShellCheck } from "../../../server/shell/shellcheck.ts";
import { missingNotice } from "../../../server/shell/shellcheck-missing.ts";
import { ShellCheckSession } from "../../../server/shellcheck-session.ts";
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
      const edits = found[0]?.fix?.edits;
      if (name === "JSON") assert.equal(edits, undefined);
      else assert.equal(applyEdits(file, edits ?? []), file.replace("$x", '"$x"'));
    });
  }

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

  const target = (text: string, version: number) => ({
    uri: "file:///Dockerfile",
    version,
    text,
    scripts: () => scriptsOf(text).map((script) => ({ script, variables: ["x"] })),
  });

  it("gives findings of the newest version only", async () => {
    let session: ShellCheckSession | undefined;
    const changed = new Promise<string>((resolve, reject) => {
      session = new ShellCheckSession({ changed: resolve, missing: () => reject(new Error("missing")), delayMs: 0 });
    });
    session?.configure({ enabled: true, path: "" });
    session?.check(target("FROM x\nRUN rm $x\n", 1));
    session?.check(target("FROM x\nRUN cat $x\n", 2));
    const uri = await changed;
    assert.deepEqual(session?.findings(uri, 1), []);
    assert.equal(session?.findings(uri, 2).length, 1);
    session?.close(uri);
    assert.deepEqual(session?.findings(uri, 2), []);
  });

  it("tells once that it is missing", async () => {
    let told = 0;
    let resolve: () => void = () => undefined;
    const missing = new Promise<void>((done) => {
      resolve = done;
    });
    const session = new ShellCheckSession({
      changed: () => assert.fail("there is nothing to tell"),
      missing: () => {
        told += 1;
        resolve();
      },
      delayMs: 0,
    });
    session.configure({ enabled: true, path: "/nowhere/shellcheck" });
    session.check(target("FROM x\nRUN rm $x\n", 1));
    await missing;
    session.check(target("FROM x\nRUN rm $x\n", 2));
    assert.equal(told, 1);
    session.dispose();
  });
});
