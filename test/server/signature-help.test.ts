import assert from "node:assert/strict";
import { instructionForms } from "../../engine/analysis.ts";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import { signatureHelp } from "../../server/features/signature-help.ts";
import { readCursor } from "../support/marks.ts";

/** The signature with its active part in «». */
function helped(marked: string): string | undefined {
  const { text, position } = readCursor(marked);
  const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
  const help = signatureHelp(analysis, position, formatMessage);
  const signature = help?.signatures[help.activeSignature ?? 0];
  if (!help || !signature) return undefined;
  const label = signature.parameters?.[help.activeParameter ?? -1]?.label;
  assert.ok(Array.isArray(label), `a part is active: ${marked}`);
  const [start, end] = label;
  return `${signature.label.slice(0, start)}«${signature.label.slice(start, end)}»${signature.label.slice(end)}`;
}

describe("signature help", () => {
  it("says of COPY --from that its sources are not in the build context", () => {
    const docs = (marked: string) => {
      const { text, position } = readCursor(marked);
      const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
      return JSON.stringify(signatureHelp(analysis, position, formatMessage)?.signatures);
    };
    assert.match(docs("FROM a AS b\nFROM c\nCOPY <|>"), /in the build context/);
    for (const sources of ["/x<|>", '["/x<|>"']) {
      const shown = docs(`FROM a AS b\nFROM c\nCOPY --from=b ${sources}`);
      assert.match(shown, /in the stage or image of --from/);
      assert.doesNotMatch(shown, /patterns in the build context/);
    }
  });

  it("is there for every instruction", () => {
    for (const keyword of Object.keys(instructionForms)) assert.ok(helped(`FROM a\n${keyword} <|>`), keyword);
  });

  it("follows the words of an instruction", () => {
    assert.equal(helped("FROM <|>"), "FROM [--platform] «image» AS stage");
    assert.equal(helped("FROM a A<|>"), "FROM [--platform] image «AS» stage");
    assert.equal(helped("FROM a AS b<|>"), "FROM [--platform] image AS «stage»");
    assert.match(helped("FROM a\nCOPY a<|>") ?? "", /«source…» destination$/);
    assert.match(helped("FROM a\nCOPY --link a b c<|>") ?? "", /source… «destination»$/);
    assert.equal(helped("FROM a\nENV A<|>"), "ENV «name=»value");
    assert.equal(helped("FROM a\nENV A=1 B=<|>"), "ENV name=«value»");
    assert.equal(helped("FROM a\nENV A <|>"), "ENV name=«value»");
    assert.equal(helped("FROM a\nARG A=<|>"), "ARG name«[=default]»");
    assert.equal(helped("FROM a\nEXPOSE 80/<|>"), "EXPOSE port«[/protocol]»");
    assert.equal(helped("FROM a\nUSER x:<|>"), "USER user«[:group]»");
    assert.equal(helped("FROM a\nONBUILD WORKDIR <|>"), "WORKDIR «folder»");
  });

  it("follows flags, also over lines", () => {
    assert.match(helped("FROM a\nCOPY --ch<|>") ?? "", /«\[--chown\]»/);
    assert.match(helped("FROM a\nCOPY --chmod=7<|>") ?? "", /«\[--chmod\]»/);
    assert.match(helped("FROM a\nRUN --network=none \\\n  --security=<|>") ?? "", /«\[--security\]»/);
    assert.match(helped("FROM a\nHEALTHCHECK --retries=<|>") ?? "", /«\[--retries\]»/);
    assert.match(helped("FROM a\nHEALTHCHECK CMD c<|>") ?? "", /CMD «command…»$/);
    assert.match(helped("FROM a\nHEALTHCHECK NO<|>") ?? "", /«NONE»$/);
  });

  it("follows elements of an array, with commas in strings", () => {
    assert.equal(helped("FROM a\nSHELL [ <|>"), 'SHELL [«"shell"», "flag", …]');
    assert.equal(helped('FROM a\nCMD ["a,b", "<|>"]'), 'CMD ["program", «"argument"», …]');
    assert.match(helped('FROM a\nCOPY ["a", "<|>"]') ?? "", /\["source", «"destination"»\]$/);
    assert.match(helped('FROM a\nRUN ["a<|>"]') ?? "", /\[«"program"»/);
  });

  it("knows the keys of each kind of mount", () => {
    assert.equal(helped("FROM a\nRUN --mount=<|>"), "--mount=«type=bind»,target,source,from,rw");
    assert.equal(
      helped("FROM a\nRUN --mount=type=cache,<|>"),
      "--mount=type=cache,«target»,id,sharing,from,source,mode,uid,gid,ro",
    );
    assert.match(helped("FROM a\nRUN --mount=type=cache,target=/x,sha<|>") ?? "", /«sharing»/);
    assert.match(helped("FROM a\nRUN --mount=type=secret,dst=/x<|>") ?? "", /«target»/);
    assert.match(helped("FROM a\nRUN --mount=type=secret,target=/x,<|>") ?? "", /«id»/);
    assert.equal(helped("FROM a\nRUN --mount=type=constructor,constructor<|>"), "--mount=«type=constructor»");
  });

  it("is silent in comments, keywords, heredocs and unknown instructions", () => {
    for (const marked of ["# a <|>", "FR<|>OM a", "FROM a\nRUN <<E\nx <|>\nE\n", "FROM a\nFOO <|>"]) {
      assert.equal(helped(marked), undefined, marked);
    }
  });
});
