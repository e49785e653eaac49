import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { parseReference } from "../../../engine/oci/reference.ts";
import { credentialsFor } from "../../../engine/registry/credentials.ts";
import { createRegistry } from "../../../engine/registry/registry.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { failure } from "../../support/engine-errors.ts";
import { type FakeRegistry, startFakeRegistry } from "../../support/faulty-registry.ts";
import { json } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

const alice = { username: "alice", password: "s3cret-word" };

describe("login and logout", () => {
  const scratch = scratchFolder();
  let fake: FakeRegistry;
  let file: string;
  const previousPath = process.env.PATH;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    file = path.join(scratch(), "docker", "config.json");
    fake.fault = ({ request, response }) => {
      const right = `Basic ${Buffer.from(`${alice.username}:${alice.password}`).toString("base64")}`;
      if (request.headers.authorization === right) return Boolean(response.writeHead(200).end("{}"));
      return Boolean(response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end());
    };
  });
  afterEach(async () => {
    process.env.PATH = previousPath;
    await fake.stop();
  });

  async function client() {
    return createRegistry({
      content: await openContentStore(path.join(scratch(), "home")),
      settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
      dockerConfig: file,
      timing: { backoffMs: [] },
    });
  }
  const config = () => JSON.parse(readFileSync(file, "utf8"));
  function write(value: object) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
  }
  /** A helper program that keeps what it gets in a file. */
  function installHelper(script: string) {
    const bin = path.join(scratch(), "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, "docker-credential-box"), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, "docker-credential-box"), 0o755);
    process.env.PATH = `${bin}:${previousPath}`;
  }
  const kept = () => path.join(scratch(), "kept");
  const store = () => `case $1 in
store) cat > ${kept()} ;;
erase) [ -e ${kept()} ] && rm ${kept()} || { echo "credentials not found in native keychain"; exit 1; } ;;
get) [ -e ${kept()} ] && cat ${kept()} || { echo "credentials not found in native keychain"; exit 1; } ;;
esac`;

  it("keeps a login that the registry accepts, for nobody else's eyes, and takes it away again", async () => {
    const registry = await client();
    assert.deepEqual(await registry.login(fake.host, alice), { place: file, byHelper: false });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(await credentialsFor(fake.host, { configFile: file }), alice);
    assert.equal(await registry.logout(fake.host), true);
    assert.deepEqual(config(), { auths: {} });
    assert.equal(await registry.logout(fake.host), false);
  });

  it("keeps nothing of a login that is refused", async () => {
    const error = await failure(
      "unauthorized",
      (await client()).login(fake.host, { ...alice, password: "wrong-pass" }),
    );
    assert.doesNotMatch(JSON.stringify(error.toBody()), /wrong-pass/);
    assert.equal(existsSync(file), false);
  });

  it("leaves alone what it does not know, and the logins of others", async () => {
    write({
      HttpHeaders: { a: "b" },
      auths: { "ghcr.io": { auth: "eDp5" }, [`https://${fake.host}/v1/`]: {} },
      x: [1],
    });
    await (await client()).login(fake.host, alice);
    assert.deepEqual(config(), {
      HttpHeaders: { a: "b" },
      auths: { "ghcr.io": { auth: "eDp5" }, [fake.host]: { auth: "YWxpY2U6czNjcmV0LXdvcmQ=" } },
      x: [1],
    });
    assert.deepEqual(readdirSync(path.dirname(file)), ["config.json"]);
  });

  it("writes through a symlink, which stays one", async () => {
    const real = path.join(scratch(), "dotfiles.json");
    writeFileSync(real, "{}");
    mkdirSync(path.dirname(file));
    symlinkSync(real, file);
    await (await client()).login(fake.host, alice);
    assert.ok(lstatSync(file).isSymbolicLink());
    assert.ok(JSON.parse(readFileSync(real, "utf8")).auths[fake.host]);
  });

  it("touches no file that it cannot read", async () => {
    mkdirSync(path.dirname(file));
    writeFileSync(file, '{"auths": {"x"');
    await failure("conflict", (await client()).login(fake.host, alice));
    assert.equal(readFileSync(file, "utf8"), '{"auths": {"x"');
  });

  it("gives the login to the helper that is configured, and the file gets no secret", async () => {
    installHelper(store());
    write({ credHelpers: { [fake.host]: "box" }, auths: { [fake.host]: { auth: "b2xkOm9sZA==" } } });
    const registry = await client();
    assert.deepEqual(await registry.login(fake.host, alice), { place: "box", byHelper: true });
    assert.deepEqual(config().auths, { [fake.host]: {} });
    assert.deepEqual(await credentialsFor(fake.host, { configFile: file }), alice);
    assert.equal(await registry.logout(fake.host), true);
    assert.equal(existsSync(kept()), false);
    assert.deepEqual(config().auths, {});
  });

  it("says which helper failed, and does not fall back to the file", async () => {
    installHelper("cat >/dev/null; echo it is locked; exit 3");
    write({ credsStore: "box" });
    const error = await failure("unavailable", (await client()).login(fake.host, alice));
    assert.match(error.message, /docker-credential-box failed \(exit 3\)/);
    assert.deepEqual(config(), { credsStore: "box" });
  });

  it("keeps the token that a registry gives instead of the password", async () => {
    const asked: URLSearchParams[] = [];
    fake.fault = ({ request, response, path: target }) => {
      if (target.startsWith("/token")) {
        asked.push(new URL(target, "http://x").searchParams);
        return Boolean(response.end(json({ token: "t", refresh_token: "keep-me" })));
      }
      if (request.headers.authorization === "Bearer t") return Boolean(response.end("{}"));
      const challenge = `Bearer realm="http://${fake.host}/token",service="s"`;
      return Boolean(response.writeHead(401, { "www-authenticate": challenge }).end());
    };
    await (await client()).login(fake.host, alice);
    assert.equal(asked[0]?.get("offline_token"), "true");
    assert.equal(asked[0]?.get("account"), "alice");
    const found = await credentialsFor(fake.host, { configFile: file });
    assert.deepEqual(found, { username: "alice", password: "", identityToken: "keep-me" });
    assert.doesNotMatch(readFileSync(file, "utf8"), new RegExp(alice.password));
  });

  it("keeps Docker Hub's under the name that docker uses", async () => {
    const { storeLogin, eraseLogin } = await import("../../../engine/registry/docker-config.ts");
    await storeLogin(file, "docker.io", alice);
    assert.deepEqual(Object.keys(config().auths), ["https://index.docker.io/v1/"]);
    assert.deepEqual(await credentialsFor("docker.io", { configFile: file }), alice);
    assert.equal(await eraseLogin(file, "docker.io"), true);
  });
});

describe("asking a registry without pulling", () => {
  const scratch = scratchFolder();
  let fake: FakeRegistry;
  beforeEach(async () => {
    fake = await startFakeRegistry();
  });
  afterEach(() => fake.stop());
  async function client(searchUrl?: string) {
    return createRegistry({
      content: await openContentStore(path.join(scratch(), "home")),
      settings: async () => ({ registryMirrors: [], insecureRegistries: [], ...(searchUrl ? { searchUrl } : {}) }),
      dockerConfig: path.join(scratch(), "config.json"),
      timing: { backoffMs: [] },
    });
  }

  it("searches Docker Hub, or what stands for it", async () => {
    const results = [{ name: "node", description: "a\u001b[31m\nb", star_count: 7, is_official: true }, { no: 1 }];
    fake.content.set("/v1/search?q=no+de&n=25", { type: "application/json", data: json({ results }) });
    const found = await (await client(`http://${fake.host}`)).search("no de", 25);
    assert.deepEqual(found, [{ name: "node", description: "a [31m b", stars: 7, official: true, automated: false }]);
  });

  it("looks through the catalog of a private registry, page by page", async () => {
    const page = Array.from({ length: 1000 }, (_, at) => `team/x${at}`);
    fake.content.set("/v2/_catalog?n=1000", { type: "application/json", data: json({ repositories: page }) });
    const last = encodeURIComponent("team/x999");
    fake.content.set(`/v2/_catalog?n=1000&last=${last}`, {
      type: "application/json",
      data: json({ repositories: ["team/yes", "yes/too"] }),
    });
    const found = await (await client()).search(`${fake.host}/yes`, 25);
    assert.deepEqual(
      found.map(({ name }) => name),
      [`${fake.host}/team/yes`, `${fake.host}/yes/too`],
    );
  });

  it("lists all tags of a repository, page by page", async () => {
    const page = Array.from({ length: 1000 }, (_, at) => `v${String(at).padStart(4, "0")}`);
    const at = (query: string, tags: readonly string[]) =>
      fake.content.set(`/v2/team/app/tags/list?${query}`, { type: "application/json", data: json({ tags }) });
    at("n=1000", page);
    at("n=1000&last=v0999", ["latest", 7 as never]);
    const registry = await client();
    const tags = await registry.tags(parseReference(`${fake.host}/team/app`));
    assert.deepEqual([tags.length, tags[0], tags.at(-1)], [1001, "latest", "v0999"]);
    await failure("image-not-found", registry.tags(parseReference(`${fake.host}/team/none`)));
  });

  it("goes on where a registry with smaller pages says that there is more, and nowhere else", async () => {
    const answers: Record<string, readonly [string[], string]> = {
      "n=1000": [["a", "b"], '</v2/team/app/tags/list?n=2&last=b&token=x%2By>; rel="next"'],
      "n=2&last=b&token=x%2By": [["c"], "<https://other.example/v2/team/app/tags/list?last=c>; rel=next"],
      "last=c": [["d"], "<nonsense"],
    };
    fake.fault = ({ response, path: target }) => {
      const found = answers[target.split("/tags/list?")[1] ?? ""];
      if (!found) return false;
      response.writeHead(200, { "content-type": "application/json", link: found[1] }).end(json({ tags: found[0] }));
      return true;
    };
    const tags = await (await client()).tags(parseReference(`${fake.host}/team/app`));
    assert.deepEqual(tags, ["a", "b", "c", "d"]);
  });

  it("says clearly that a registry lists nothing, or cannot be reached", async () => {
    const refused = await failure("unsupported", (await client()).search(`${fake.host}/x`, 25));
    assert.match(refused.message, /does not list/);
    await fake.stop();
    const off = await failure("registry-unreachable", (await client(`http://${fake.host}`)).search("x", 25));
    assert.match(off.message, /the search at 127\.0\.0\.1:\d+ failed: .*nothing listens there/);
    fake = await startFakeRegistry();
  });
});
