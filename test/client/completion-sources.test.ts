import assert from "node:assert/strict";
import { answerImageQuestions, namesOf } from "../../client/completion-sources.ts";
import { connect } from "../../client/engines/connection.ts";
import { type FakeEngine, fakeEngine } from "../support/fake-engine.ts";

type Handler = (params: unknown, token: { onCancellationRequested(listener: () => void): void }) => Promise<unknown>;

describe("what completion asks the client", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  const never = { onCancellationRequested: () => {} };

  function questions(running: () => Promise<Awaited<ReturnType<typeof connect>> | undefined>) {
    const handlers = new Map<string, Handler>();
    const problems: string[] = [];
    const client = { onRequest: (method: string, handler: Handler) => handlers.set(method, handler) };
    answerImageQuestions(client as never, { running }, (problem) => problems.push(problem));
    const ask = (method: string, params: unknown = {}) => handlers.get(method)?.(params, never);
    return { ask, problems };
  }

  it("is answered by the engine that runs", async () => {
    engine.images.plant(["docker.io/library/node:24", "ghcr.io/me/app:1"]);
    engine.images.plant([]);
    engine.tags = ["24", "25"];
    const { ask, problems } = questions(() => connect(engine.socket));
    assert.deepEqual(await ask("drydock/images"), { names: ["node:24", "ghcr.io/me/app:1"] });
    assert.deepEqual(await ask("drydock/tags", { repository: "ghcr.io/me/app" }), { names: ["24", "25"] });
    assert.deepEqual(problems, []);
  });

  it("is nothing without an engine, and when it fails", async () => {
    const none = questions(async () => undefined);
    assert.equal(await none.ask("drydock/images"), null);
    assert.equal(await none.ask("drydock/tags", { repository: "node" }), null);
    const failing = questions(() => connect(engine.socket));
    assert.equal(await failing.ask("drydock/tags", { repository: "No Name" }), null);
    assert.equal(failing.problems.length, 1);
  });

  it("names the newest image first, and each name once", () => {
    const images = [
      { RepoTags: ["old:1"], Created: 1 },
      { RepoTags: ["new:1", "new:2"], Created: 3 },
      { RepoTags: ["<none>:<none>"], Created: 4 },
      { RepoTags: ["new:1"], Created: 2 },
    ];
    assert.deepEqual(namesOf(images), ["new:1", "new:2", "old:1"]);
  });
});
