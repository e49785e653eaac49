import assert from "node:assert/strict";
import { digestOf } from "../../../engine/base/digest.ts";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { formatReference } from "../../../engine/oci/reference.ts";
import type { Credentials } from "../../../engine/registry/types.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

const auth = (value: object) => ({ "x-registry-auth": Buffer.from(JSON.stringify(value)).toString("base64url") });

describe("registries over the API", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  const sent = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf("sent"), size: 77 };

  it("pushes with Docker's progress, and ends with what came of it", async () => {
    engine.images.plant(["ghcr.io/me/app:1"]);
    let got: Credentials | undefined;
    engine.push = async (reference, _, { credentials, onProgress }) => {
      got = credentials;
      assert.equal(formatReference(reference), "ghcr.io/me/app:1");
      onProgress?.({ item: "abc", status: "preparing", currentBytes: 0 });
      onProgress?.({ item: "abc", status: "pushing", currentBytes: 5, totalBytes: 10 });
      onProgress?.({ item: "abc", status: "mounted", currentBytes: 10, from: "me/base" });
      return sent;
    };
    const answer = await engine.request("POST", "/images/ghcr.io/me/app/push?tag=1", {
      headers: auth({ username: "a", password: "b" }),
    });
    assert.deepEqual(answer.lines(), [
      { status: "The push refers to repository [ghcr.io/me/app]" },
      { status: "Preparing", progressDetail: {}, id: "abc" },
      { status: "Pushing", progressDetail: { current: 5, total: 10 }, id: "abc" },
      { status: "Mounted from me/base", progressDetail: {}, id: "abc" },
      { status: `1: digest: ${sent.digest} size: 77` },
      { progressDetail: {}, aux: { Tag: "1", Digest: sent.digest, Size: 77 } },
    ]);
    assert.deepEqual(got, { username: "a", password: "b" });
  });

  it("pulls all tags of a repository when none is named, one after the other", async () => {
    engine.tags = ["1", "2"];
    const pulled: string[] = [];
    engine.pull = async (reference, { onProgress }) => {
      pulled.push(formatReference(reference));
      onProgress?.({ item: "manifest", status: "downloaded", currentBytes: 1 });
      return { manifest: sent, rootDigest: sent.digest };
    };
    const answer = await engine.request("POST", "/images/create?fromImage=ghcr.io/me/app");
    assert.deepEqual(pulled, ["ghcr.io/me/app:1", "ghcr.io/me/app:2"]);
    assert.match(answer.text, /Downloaded newer image for ghcr\.io\/me\/app:2/);
  });

  it("pushes all tags of a repository when none is named", async () => {
    engine.images.plant(["ghcr.io/me/app:1", "ghcr.io/me/app:2"]);
    engine.images.plant(["ghcr.io/me/other:1"]);
    const pushed: string[] = [];
    engine.push = async (reference) => {
      pushed.push(formatReference(reference));
      return sent;
    };
    await engine.request("POST", "/images/ghcr.io/me/app/push");
    assert.deepEqual(pushed, ["ghcr.io/me/app:1", "ghcr.io/me/app:2"]);
    assert.equal((await engine.request("POST", "/images/ghcr.io/me/none/push")).status, 404);
    assert.equal((await engine.request("POST", "/images/ghcr.io/me/none/push?tag=1")).status, 404);
  });

  it("tells a push that failed in its last line, for people and for programs", async () => {
    engine.images.plant(["ghcr.io/me/app:1"]);
    engine.push = () =>
      Promise.reject(new EngineError({ code: "registry-denied", message: msg("no"), hint: msg("Log in.") }));
    const last = (await engine.request("POST", "/images/ghcr.io/me/app/push?tag=1")).lines().at(-1);
    assert.equal(last?.error, "no. Log in.");
    assert.deepEqual(last?.errorDetail, { code: 403, message: "no. Log in." });
  });

  it("checks a login, and keeps its password out of answers and logs", async () => {
    engine.login = async (registry, { username, password }) => {
      if (password === "right") return { identityToken: `${registry} ${username}` };
      throw new EngineError({ code: "unauthorized", message: msg("wrong") });
    };
    const right = { username: "me", password: "right", serveraddress: "https://index.docker.io/v1/" };
    const answer = await engine.request("POST", "/auth", { json: right });
    assert.deepEqual(answer.json(), { Status: "Login Succeeded", IdentityToken: "docker.io me" });
    const wrong = await engine.request("POST", "/auth", { json: { ...right, password: "s3cret" } });
    assert.equal(wrong.status, 401);
    assert.doesNotMatch(wrong.text + engine.log.join(), /s3cret/);
    assert.equal((await engine.request("POST", "/auth", { json: { username: "a:b", password: "c" } })).status, 400);
    assert.equal((await engine.request("POST", "/auth", { json: {} })).status, 400);
  });

  it("searches, by Docker's filters", async () => {
    const names = async (query: string) =>
      (await engine.request("GET", `/images/search?${query}`)).json<{ name: string }[]>().map(({ name }) => name);
    const filters = (value: object) => `&filters=${encodeURIComponent(JSON.stringify(value))}`;
    assert.deepEqual(await names("term=node"), ["node", "node2"]);
    assert.deepEqual(await names(`term=node${filters({ "is-official": ["true"] })}`), ["node"]);
    assert.deepEqual(await names(`term=node${filters({ stars: ["2"] })}`), ["node"]);
    assert.equal((await engine.request("GET", "/images/search")).status, 400);
    assert.equal((await engine.request("GET", "/images/search?term=x&limit=1000")).status, 400);
  });

  it("says at once that an image to save is not there, and that something to load is no archive", async () => {
    assert.equal((await engine.request("GET", "/images/none/get")).status, 404);
    assert.equal((await engine.request("GET", "/images/get")).status, 400);
    const refused = await engine.request("POST", "/images/load", { body: Buffer.alloc(4096, "x") });
    assert.equal(refused.status, 400);
    assert.match(refused.json<{ message: string }>().message, /no archive of images: it is no tar/);
  });

  it("takes another address for its search, but no password in it", async () => {
    const put = (searchUrl: string) => engine.request("PUT", "/drydock/settings", { json: { searchUrl } });
    assert.equal((await put("https://search.example.com/")).json().searchUrl, "https://search.example.com");
    assert.equal((await put("https://me:s3cret@search.example.com")).status, 400);
    assert.equal((await put("nowhere")).status, 400);
  });

  it("leaves nothing of the images unanswered", async () => {
    const calls = [
      ["POST", "/auth"],
      ["POST", "/images/load"],
      ["GET", "/images/get"],
      ["GET", "/images/x/get"],
      ["POST", "/images/x/push"],
      ["GET", "/images/search"],
      ["POST", "/images/create"],
      ["GET", "/images/x/history"],
      ["POST", "/images/x/tag"],
      ["POST", "/images/prune"],
    ] as const;
    for (const [method, url] of calls) {
      assert.ok(![501, 500].includes((await engine.request(method, url)).status), `${method} ${url}`);
    }
  });
});
