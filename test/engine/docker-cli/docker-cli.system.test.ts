// The real docker client before our engine, against what dockerd answered when it was asked (sessions/).
import assert from "node:assert/strict";
import { bundleEngine, ordinaryUser, root } from "../../support/docker-lab.ts";
import { differences, sessions } from "./golden.ts";
import { openOurs, openSurroundings, type Peer, type Surroundings } from "./peers.ts";
import { agree, invocations, linesOf, stepName } from "./session.ts";

const all = sessions();
const known = differences();

/** What an ordinary user has is the same, but for limits; some sessions show that. */
const ofOrdinaryUsers = ["edges", "events", "files", "lifecycle", "logs", "volumes"];

describe("the docker client answers as with dockerd", function () {
  this.timeout(300_000);
  let surroundings: Surroundings;
  let dist: { readonly dir: string; dispose(): void };
  before(async function () {
    if (process.getuid?.() !== 0) return this.skip();
    surroundings = await openSurroundings();
    dist = await bundleEngine();
  });
  after(async () => {
    dist?.dispose();
    await surroundings?.dispose();
  });

  describe("as root", () => suite(() => openOurs(dist.dir, surroundings, root), all));
  describe("as an ordinary user", () =>
    suite(
      () => openOurs(dist.dir, surroundings, ordinaryUser()),
      all.filter(({ name }) => ofOrdinaryUsers.includes(name)),
    ));
});

function suite(open: () => Promise<Peer>, some: typeof all): void {
  let ours: Peer;
  before(async () => {
    ours = await open();
  });
  after(() => ours?.dispose());

  for (const session of some) {
    it(`${session.name} (${invocations(session)} commands)`, async () => {
      assert.equal(session.recorded, session.input, "the session has changed since it was recorded: see README.md");
      const answers = await ours.answers(session);
      const problems: string[] = [];
      for (const [at, { line, answer }] of session.steps.entries()) {
        const [got, theirs] = [linesOf(answers[at] ?? answer), linesOf(answer)];
        const different = known[session.name]?.[stepName(session, at)];
        const wanted = different ? different.ours : theirs;
        if (different && agree(different.ours, theirs)) {
          problems.push(`$ ${line}\nis said to differ from dockerd, and does not`);
        }
        if (!agree(got, wanted)) {
          problems.push([`$ ${line}`, ...(wanted.length ? wanted : ["  (nothing)"]), "--- ours:", ...got].join("\n"));
        }
      }
      if (problems.length > 0) assert.fail(`\n${problems.join("\n\n")}`);
    });
  }
}

describe("the sessions with the docker client", () => {
  it("are more than 150 commands", () => {
    assert.ok(all.reduce((sum, session) => sum + invocations(session), 0) >= 150);
  });

  it("have every difference that is excused", () => {
    const lines = new Map(all.map((session) => [session.name, session.steps.map((_, at) => stepName(session, at))]));
    const stray = Object.entries(known).flatMap(([name, excused]) =>
      Object.keys(excused).filter((line) => !lines.get(name)?.includes(line)),
    );
    assert.deepEqual(stray, []);
    const silent = Object.values(known).flatMap((excused) => Object.values(excused).filter(({ why }) => why === ""));
    assert.deepEqual(silent, [], "a difference has a reason");
  });
});
