import { msg } from "../../../engine/base/message.ts";
import { contextCopies } from "../../lint/copies.ts";
import { comparePositions } from "../../lint/fixes.ts";
import { type PackageTool, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const go: PackageTool = {
  programs: ["go"],
  valued: ["-C", "-mod", "-modfile", "-tags", "-ldflags", "-gcflags", "-asmflags", "-overlay", "-exec", "-pkgdir"],
};

export default defineRule({
  id: "packages/go-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("go"),
  why: pinWhy("go install example.org/tool@v1.4.2"),
  note: msg(
    "Where go.mod was copied before, a package without a version has the one of go.mod; only @latest is reported then.",
  ),
  sameAs: ["hadolint:DL3062"],
  fix: "none",
  sees: ["go", "COPY", "ADD"],
  examples: [
    {
      bad: "FROM golang\nRUN go install -v example.org/tool@latest example.org/b@v1\n#                 ^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM golang\nRUN go get example.org/a && \\\n#          ^^^^^^^^^^^^^\n    CGO_ENABLED=0 go install -ldflags '-s -w' \\\n    example.org/b/cmd\n#   ^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM golang\nCOPY go.mod go.sum ./\nRUN go run example.org/c x.y/z && go run example.org/d@main arg\n#                                        ^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: 'FROM golang\nONBUILD RUN ["go", "install", "example.org/tool@latest"]\n#                             ^^^^^^^^^^^^^^^^^^^^^^^^^\nRUN <<EOF\ngo install example.org/e\n#          ^^^^^^^^^^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM golang\nRUN go install example.org/tool@v1.4.2 && go install example.org/b@$VERSION && go install $TOOL\n",
    "FROM golang\nRUN go install ./... && go run main.go && go get -d ./... && go install . && go install cmd/vet\n",
    "FROM golang\nWORKDIR /src\nCOPY . .\nRUN go install example.org/tool\n",
  ],
  *stage(view) {
    if (view.commands("go").length === 0) return;
    const module = contextCopies(view.stage).find(
      ({ isWhole, sources }) => isWhole || sources.some((source) => /(?:^|\/)go\.(?:mod|\*)$/.test(source)),
    );
    for (const run of view.only("RUN")) {
      const calls = packageCalls(run.commands("go"), go, ["install", "get", "run"]);
      const named = calls.map((call) =>
        call.verb.text === "run" ? { ...call, operands: call.operands.slice(0, 1) } : call,
      );
      const isInModule =
        run.mounts.some(({ type }) => type === "bind") ||
        (module && comparePositions(module.instruction.range.start, run.instruction.range.start) < 0);
      yield* unpinned(named, (word) => {
        const version = /@(.*)$/.exec(word)?.[1];
        if (version !== undefined) return !/^(?:|latest|none|upgrade|patch|main|master|HEAD)$/.test(version);
        // The first part of an address has a dot; other paths are the project's or the standard library's.
        return isInModule || !/^[^./][^/]*\.[^/]+\//.test(word);
      });
    }
  },
});
