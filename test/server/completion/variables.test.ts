// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { itemOf, labels, taken } from "../../support/complete.ts";

describe("completion of variables", () => {
  it("offers what holds here with its value: nearest first, inherited ones too", () => {
    assert.equal(labels("ARG V=1\nFROM a:$<|>")[0], "V");
    assert.deepEqual(labels("FROM a\nARG X=1\nENV Y=$X Z=2\nRUN echo $<|>\nENV LATER=1").slice(0, 3), ["Y", "Z", "X"]);
    assert.equal(itemOf("FROM a\nARG X=1\nENV Y=$X\nRUN echo $<|>", "Y").detail, "ENV = 1");
    assert.ok(labels("FROM a AS one\nENV OURS=1\nFROM one\nWORKDIR $<|>").includes("OURS"));
    assert.ok(!labels("ARG GLOBAL=1\nFROM a\nWORKDIR /$<|>").includes("GLOBAL"));
    assert.ok(labels("ARG GLOBAL=1\nFROM a\nARG GLOBAL\nWORKDIR /$<|>").includes("GLOBAL"));
  });

  it("offers what the builder and the shell know where they do", () => {
    assert.ok(
      labels("FROM --platform=$<|> a").includes("$BUILDPLATFORM") || labels("FROM a:$<|>").includes("TARGETARCH"),
    );
    assert.ok(labels("FROM a\nRUN echo $<|>").includes("HTTP_PROXY"));
    assert.ok(!labels("FROM a\nWORKDIR /$<|>").includes("HOME"));
  });

  it("does not offer an ARG to what runs in the container", () => {
    assert.ok(!labels("FROM a\nARG X=1\nENV Y=1\nCMD echo $<|>").includes("X"));
    assert.ok(labels("FROM a\nARG X=1\nENV Y=1\nCMD echo $<|>").includes("Y"));
    assert.ok(labels("FROM a\nARG X=1\nHEALTHCHECK CMD curl $<|>").every((label) => label !== "X"));
  });

  it("closes a brace once, and has the forms behind a name", () => {
    assert.equal(taken("FROM a\nARG XY\nRUN echo ${X<|>", "XY"), "FROM a\nARG XY\nRUN echo ${XY}");
    assert.equal(taken("FROM a\nARG XY\nRUN echo ${X<|>}", "XY"), "FROM a\nARG XY\nRUN echo ${XY}");
    assert.equal(taken("FROM a\nARG XY\nRUN echo ${X<|>Q:-d}", "XY"), "FROM a\nARG XY\nRUN echo ${XY:-d}");
    assert.equal(taken("FROM a\nARG XY\nWORKDIR ${XY<|>}", "XY:-default"), "FROM a\nARG XY\nWORKDIR ${XY:-default}");
    const item = itemOf("FROM a\nARG XY\nWORKDIR ${XY<|>", "XY:-default", { snippets: true });
    assert.equal(item.textEdit?.newText, "XY:-${1:default}}");
  });

  it("is quiet in arrays that run without a shell", () => {
    for (const start of ['CMD ["echo", "', 'ENTRYPOINT ["', 'HEALTHCHECK --interval=3s CMD ["curl", "']) {
      assert.deepEqual(labels(`FROM a\nENV X=1\n${start}$<|>"]`), [], start);
    }
    assert.deepEqual(labels('FROM a\nENV X=1\nRUN ["echo", "$<|>"]'), []);
    for (const start of ['CMD ["sh", "-c", "', 'ENTRYPOINT ["/bin/bash", "-c", "', 'RUN ["sh", "-c", "'])
      assert.ok(labels(`FROM a\nENV X=1\n${start}$<|>"]`).includes("X"), start);
    assert.ok(labels('FROM a\nENV X=1\nRUN [ "$<|>" = 1 ]').includes("X"));
  });

  it("is quiet where $ is an ordinary character, and works in heredocs that are expanded", () => {
    assert.deepEqual(labels("FROM a\nARG X\nWORKDIR /\\$<|>"), []);
    assert.ok(labels("FROM a\nARG X\nCOPY <<EOF /x\na $<|>\nEOF").includes("X"));
    assert.deepEqual(labels("FROM a\nARG X\nCOPY <<'EOF' /x\na $<|>\nEOF"), []);
    assert.ok(labels("FROM a\nENV X=1\nRUN <<EOF\necho $<|>\nEOF").includes("X"));
  });
});
