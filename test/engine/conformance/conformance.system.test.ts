// Our answers to every case, against what docker and buildah answered when they were asked (golden/).
import assert from "node:assert/strict";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { type Answer, asBuildahSays, asOldDockerSays, compare, unmet } from "./answer.ts";
import { openWorkshop, type Workshop } from "./builds.ts";
import { type Case, type Part, type Peer, peers } from "./case.ts";
import { annotated, groups } from "./cases/index.ts";
import { isRecorded, type Recorded, recordingOf } from "./golden.ts";
import { type OurAnswer, type OurEngine, openOurs } from "./ours.ts";

/** What is compared with whom. buildah's history has another form altogether. */
const parts: Readonly<Record<Peer, readonly Part[]>> = {
  docker: ["tree", "config", "history"],
  buildah: ["tree", "config"],
};
const as = { docker: asOldDockerSays, buildah: asBuildahSays };
const inside = process.env[insideVariable];

describe("conformance", () => {
  if (inside !== undefined) return suite();
  if (process.getuid?.() === 0) describe("as root", suite);
  it("as an ordinary user", () =>
    runAgain({
      bundle: __filename,
      inside: "as an ordinary user",
      prefix: userNamespaces,
      ...(process.getuid?.() === 0 && { user: ordinaryUser() }),
    })).timeout(600_000);
});

function suite(): void {
  let workshop: Workshop;
  let ours: OurEngine;
  before(async () => {
    workshop = await openWorkshop();
    ours = await openOurs(workshop);
  });
  after(() => {
    ours?.dispose();
    workshop?.dispose();
  });

  for (const group of groups) {
    const recording = recordingOf(group);
    describe(group.name, () => {
      // The ordinary user's builds differ in how mounts and owners are made: a part of the cases shows that.
      const cases = inside === undefined ? group.cases : group.cases.filter((_, at) => at % 4 === 0);
      for (const one of cases) {
        it(one.name, async () => {
          assert.ok(isRecorded(recording, one), "the case has changed since it was recorded: see README.md");
          const said = problems(one, await ours.answer(one), recording[one.name] ?? { input: "" });
          if (said.length > 0) assert.fail(said.join("\n"));
        });
      }
    });
  }
}

/** What is wrong with our answer, or with what the case says about the peers. */
function problems(one: Case, answer: OurAnswer, recorded: Recorded): string[] {
  const said: string[] = [];
  for (const peer of peers) {
    const theirs = recorded[peer];
    if (!theirs) continue;
    const found = compare(as[peer](answer), as[peer](theirs), parts[peer]);
    const known = one.differs?.[peer] ?? {};
    for (const [part, text] of found) {
      if (known[part] === undefined) said.push(`${part}, against ${peer}:\n${text}${why(part, answer)}`);
    }
    for (const part of Object.keys(known) as Part[]) {
      if (!found.has(part)) said.push(`${part}: ${peer} is said to differ, and does not`);
    }
  }
  return [...said, ...(one.expect ? unmet(answer, one.expect) : []).map((text) => `not as expected: ${text}`)];
}

const why = (part: Part, answer: OurAnswer): string => (part === "built" && !answer.built ? `\n  ${answer.why}` : "");

describe("the suite of cases", () => {
  const cases = groups.flatMap((group) => group.cases.map((one) => ({ one, recorded: recordingOf(group)[one.name] })));

  it("has a case for each difference and each expectation", () => {
    const names = new Set(groups.flatMap(({ name, cases }) => cases.map((one) => `${name}/${one.name}`)));
    assert.deepEqual(
      annotated.filter((key) => !names.has(key)),
      [],
    );
  });

  it("has more than two hundred, each with a name of its own in its group", () => {
    assert.ok(cases.length > 200);
    for (const group of groups) assert.equal(new Set(group.cases.map(({ name }) => name)).size, group.cases.length);
  });

  it("says what is right wherever docker is not followed", () => {
    const silent = cases.filter(({ one, recorded }) => {
      const { docker } = one.differs ?? {};
      const parted =
        one.unasked?.docker !== undefined || docker?.built !== undefined ? ["built"] : Object.keys(docker ?? {});
      return parted.some((part) => !isToldBy(one, recorded, part as Part));
    });
    assert.deepEqual(
      silent.map(({ one }) => one.name),
      [],
    );
  });

  it("would find a file, a mode, a variable or a failure that is not the same", () => {
    const good: Answer = { built: true, tree: ['/f 644 0:0 "f"'], config: { Env: ["A=1"] }, history: ["COPY f /"] };
    const others: [Part, Answer][] = [
      ["tree", { ...good, tree: ['/f 600 0:0 "f"'] }],
      ["tree", { ...good, tree: [...good.tree, "/g/ 755 0:0"] }],
      ["config", { ...good, config: { Env: ["A=2"] } }],
      ["history", { ...good, history: [] }],
      ["built", { built: false }],
    ];
    assert.equal(compare(good, good, parts.docker).size, 0);
    for (const [part, other] of others) assert.deepEqual([...compare(good, other, parts.docker).keys()], [part]);
  });
});

/** By the case itself, or by buildah. */
function isToldBy(one: Case, recorded: Recorded | undefined, part: Part): boolean {
  if (
    part === "built" &&
    one.expect?.built === undefined &&
    one.expect?.tree === undefined &&
    one.expect?.config === undefined
  ) {
    return recorded?.buildah !== undefined && one.differs?.buildah?.built === undefined;
  }
  if (part === "built" || one.expect?.[part] !== undefined) return true;
  return part !== "history" && recorded?.buildah !== undefined && one.differs?.buildah?.[part] === undefined;
}

describe("without a runtime", () => {
  let workshop: Workshop;
  let ours: OurEngine;
  before(async () => {
    workshop = await openWorkshop();
    ours = await openOurs(workshop, { withoutRuntime: true });
  });
  after(() => {
    ours?.dispose();
    workshop?.dispose();
  });

  for (const group of groups) {
    const recording = recordingOf(group);
    const quiet = group.cases.filter(({ dockerfile, options }) => !/^run\b/im.test(dockerfile) && !options?.file);
    it(`${group.name}: all cases without RUN, ${quiet.length}, are as with one`, async () => {
      const said: string[] = [];
      for (const one of quiet) {
        const found = problems(one, await ours.answer(one), recording[one.name] ?? { input: "" });
        if (found.length > 0) said.push(one.name, ...found);
      }
      if (said.length > 0) assert.fail(said.join("\n"));
    }).timeout(300_000);
  }
});
