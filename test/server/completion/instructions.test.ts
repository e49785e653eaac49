// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { resolveCompletion } from "../../../server/features/completion.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { complete, itemOf, labels, taken } from "../../support/complete.ts";

describe("completion of instructions", () => {
  const plain = (marked: string) => labels(marked).filter((label) => /^\w+$/.test(label));

  it("offers FROM and ARG before the first stage, and what is likely next in one", () => {
    assert.deepEqual(plain("<|>"), ["FROM", "ARG"]);
    assert.deepEqual(plain("ARG V=1\n<|>"), ["FROM", "ARG"]);
    assert.deepEqual(plain("FROM a\n<|>").slice(0, 3), ["WORKDIR", "RUN", "COPY"]);
    assert.deepEqual(plain("FROM a\nUSER node\n<|>").slice(0, 3), ["EXPOSE", "CMD", "ENTRYPOINT"]);
    assert.equal(plain("FROM a\n<|>").at(-1), "MAINTAINER");
    assert.equal(plain("FROM a\n<|>\nRUN x").length, 18);
  });

  it("does not offer behind ONBUILD what may not stand there", () => {
    const found = plain("FROM a\nONBUILD <|>");
    assert.deepEqual(
      ["FROM", "ONBUILD", "MAINTAINER", "RUN"].map((name) => found.includes(name)),
      [false, false, false, true],
    );
    assert.equal(taken("FROM a\nONBUILD CO<|>", "COPY"), "FROM a\nONBUILD COPY ");
  });

  it("writes keywords as the file does", () => {
    assert.ok(plain("from a\n<|>").includes("copy"));
    assert.ok(plain("FROM a\nco<|>").includes("COPY"));
    assert.equal(taken("from a\nC<|>", "copy"), "from a\ncopy ");
    assert.deepEqual(labels("from a <|>"), ["as"]);
  });

  it("replaces the whole word and leaves what stands behind it", () => {
    assert.equal(taken("FROM a\nCO<|>PPY x y", "COPY"), "FROM a\nCOPY x y");
    assert.equal(taken("FROM a\n  wo<|>", "WORKDIR"), "FROM a\n  WORKDIR ");
    assert.ok(!labels("FROM a\nCO<|> x y").some((label) => label.includes(" ")));
  });

  it("has forms to fill in, as plain text for editors that fill nothing in", () => {
    const form = "COPY --from=stage source ./";
    assert.equal(taken("FROM a\n<|>", form), `FROM a\n${form}`);
    const item = itemOf("FROM a\n<|>", form, { snippets: true });
    assert.deepEqual(
      [item.textEdit?.newText, item.insertTextFormat],
      ["COPY --from=${1:stage} ${2:source} ${3:./}", 2],
    );
  });

  it("tells more of an item when somebody looks at it", () => {
    const shown = (marked: string, label: string) => {
      const item = itemOf(marked, label);
      assert.equal(item.documentation, undefined);
      return JSON.stringify(resolveCompletion(item, formatMessage).documentation);
    };
    assert.match(shown("FROM a\n<|>", "EXPOSE"), /-p publishes it.*dockerfile\/#expose/);
    assert.match(shown("FROM a\nCOPY --<|>", "--link"), /layer independent.*#copy---link/);
    assert.match(shown("FROM a\nRUN --mount=type=secret,<|>", "env="), /variable/);
    assert.match(shown("# drydock ignore=<|>", "run/sudo"), /sudo/);
    assert.match(shown("<|>", "Dockerfile: Go"), /```dockerfile\\nFROM golang/);
  });

  it("is quiet where nothing can be said", () => {
    for (const marked of [
      "FROM a\nRUN echo <|>",
      "FROM a\nRUN echo 'a <|>'",
      "FROM a\nMAINTAINER <|>",
      "FROM a AS b <|>",
      "FROM a\nXYZ <|>",
      "FROM a\nCOPY <<EOF /x\n<|>\nEOF",
    ]) {
      assert.deepEqual(labels(marked), [], marked);
    }
  });

  it("is in the order of likelihood, whatever the labels are", () => {
    const { items } = complete("FROM a\n<|>").list;
    const sorted = items.map(({ sortText = "" }) => sortText);
    assert.deepEqual([...sorted].sort(), sorted);
    assert.deepEqual(items.find(({ label }) => label === "MAINTAINER")?.tags, [1]);
  });
});

describe("completion of comments", () => {
  before(() => prepareLint());

  it("offers directives above everything else only", () => {
    assert.ok(labels("# <|>").includes("# syntax=docker/dockerfile:1"));
    assert.ok(labels("# syntax=x\n#<|>").includes("# check=skip="));
    // A second one of a name ends the build.
    assert.ok(!labels("# syntax=x\n#<|>").some((label) => label.startsWith("# syntax")));
    assert.ok(!labels("#<|>\n# Check=skip=all\nFROM a").some((label) => label.startsWith("# check")));
    assert.ok(labels("# syn<|>tax=x\nFROM a").includes("# syntax=docker/dockerfile:1"));
    assert.ok(!labels("FROM a\n# <|>").some((label) => label.startsWith("# syntax")));
    assert.deepEqual(labels("# syntax=<|>").slice(0, 1), ["docker/dockerfile:1"]);
    assert.deepEqual(labels("# escape=<|>"), ["`", "\\"]);
    assert.equal(taken("#esc<|>", "# escape=`"), "# escape=`");
  });

  it("names the checks that can be skipped", () => {
    const found = labels("# check=skip=<|>");
    assert.ok(found.includes("JSONArgsRecommended") && found.includes("all"));
    assert.equal(
      taken("# check=skip=JSONArgsRecommended,Stag<|>", "StageNameCasing"),
      "# check=skip=JSONArgsRecommended,StageNameCasing",
    );
    assert.deepEqual(labels("# check=<|>"), ["skip=", "error=true", "experimental="]);
  });

  it("names rules to ignore, first those that the instruction below breaks", () => {
    assert.equal(labels("FROM a:1\n# hadolint ignore=<|>\nRUN cd /x")[0], "DL3003");
    assert.equal(labels("FROM a:1\n# drydock ignore=<|>\nRUN sudo x")[0], "run/sudo");
    assert.ok(labels("FROM a:1\n# drydock ignore=run/cd,<|>\nRUN cd /x").includes("run/sudo"));
  });
});
