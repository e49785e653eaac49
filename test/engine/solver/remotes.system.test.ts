import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { layerListing, layersOf, makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe("what builds fetch", () => {
  let engine: TestEngine;
  let server: Server;
  let address: string;
  let handler: Handler;
  const requests: string[] = [];

  beforeEach(async () => {
    engine = await makeEngine();
    requests.length = 0;
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await engine.dispose();
  });

  const build = (instructions: string, more = {}) =>
    engine.build({ Dockerfile: `FROM scratch\n${instructions}\n` }, more);
  const added = async (instructions: string): Promise<string[]> => {
    const built = await build(instructions);
    assert.equal(built.failure, undefined, built.failure?.error.message);
    return layerListing(engine.content, (await layersOf(engine, built.id)).at(-1) ?? ("" as never));
  };
  const failure = async (instructions: string): Promise<string> => {
    const { failure: found } = await build(instructions);
    assert.ok(found, "it should have failed");
    return `${found.error.drydock?.code}: ${found.error.message}`;
  };

  describe("from the web", () => {
    const modified = "Wed, 01 Jan 2020 00:00:00 GMT";
    beforeEach(() => {
      handler = (request, response) => {
        if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
        else response.writeHead(200, { etag: '"v1"', "last-modified": modified }).end("body");
      };
    });

    it("is root's alone, called like the end of the address", async () => {
      assert.deepEqual(await added(`ADD ${address}/a/tool%20x?q=1 /d/`), ["d/ 755 0:0", 'd/tool x 600 0:0 "body"']);
      assert.deepEqual(await added(`ADD ${address}/ /d/`), ["d/ 755 0:0", 'd/__unnamed__ 600 0:0 "body"']);
      assert.deepEqual(await added(`ADD --chmod=755 --chown=1:2 ${address}/f /other`), ['other 755 1:2 "body"']);
    });

    it("is asked for again with what is known, and cached as long as it is the same", async () => {
      const first = await build(`ADD ${address}/f /`);
      const second = await build(`ADD ${address}/f /`);
      assert.equal(second.id, first.id);
      assert.match(second.steps.at(-1) ?? "", /: cached$/);
      assert.equal(requests.length, 2);
      handler = (_request, response) => response.writeHead(200, { etag: '"v2"' }).end("body");
      assert.equal((await build(`ADD ${address}/f /`)).id, first.id);
      handler = (_request, response) => response.writeHead(200, { etag: '"v3"' }).end("new");
      assert.match((await build(`ADD ${address}/f /`)).steps.at(-1) ?? "", /: done$/);
    });

    it("is compared with --checksum; a body that is here needs no network then", async () => {
      const sum = createHash("sha256").update("body").digest("hex");
      const wrong = "0".repeat(64);
      assert.match(
        await failure(`ADD --checksum=sha256:${wrong} ${address}/f /`),
        /content-corrupt: .*has the checksum sha256:/,
      );
      await added(`ADD --checksum=sha256:${sum} ${address}/f /`);
      const asked = requests.length;
      await added(`ADD --checksum=sha256:${sum} ${address}/f /elsewhere`);
      assert.equal(requests.length, asked);
      const long = createHash("sha512").update("body").digest("hex");
      await added(`ADD --checksum=sha512:${long} ${address}/f /x`);
      assert.match(await failure(`ADD --checksum=sha512:${"1".repeat(128)} ${address}/f /x`), /content-corrupt/);
    });

    it("is unpacked only with --unpack", async () => {
      const tar = pack();
      tar.entry({ name: "in" }, "side");
      tar.finalize();
      const chunks: Buffer[] = [];
      for await (const chunk of tar) chunks.push(chunk as Buffer);
      handler = (_request, response) => response.end(gzipSync(Buffer.concat(chunks)));
      assert.equal((await added(`ADD ${address}/a.tgz /d/`)).at(-1)?.startsWith("d/a.tgz 600"), true);
      assert.deepEqual(await added(`ADD --unpack ${address}/a.tgz /d/`), ["d/ 755 0:0", 'd/in 644 0:0 "side"']);
    });

    it("follows redirects, but not without end, and keeps a password for its host", async () => {
      handler = (request, response) => {
        if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
        else if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
        else response.end(request.headers.authorization ?? "none");
      };
      assert.deepEqual(await added(`ADD ${address}/from /f`), ['f 600 0:0 "none"']);
      assert.match(await failure(`ADD ${address}/loop /f`), /without end/);
      const secret = address.replace("//", "//me:pass@");
      assert.deepEqual(await added(`ADD ${secret}/x /f`), [
        `f 600 0:0 "Basic ${Buffer.from("me:pass").toString("base64")}"`,
      ]);
    });

    it("says what went wrong", async () => {
      handler = (request, response) => {
        if (request.url === "/cut") {
          response.writeHead(200, { "content-length": "100" });
          response.write("part");
          setImmediate(() => response.destroy());
        } else response.writeHead(Number(request.url?.slice(1))).end();
      };
      assert.match(await failure(`ADD ${address}/404 /`), /not-found: .* answers 404.*Check the address/);
      assert.match(await failure(`ADD ${address}/403 /`), /forbidden: .*secret mount/);
      assert.match(await failure(`ADD ${address}/500 /`), /unavailable: .*500/);
      assert.match(await failure(`ADD ${address}/cut /`), /broke off/);
      const closed = address.replace(/:\d+$/, ":1");
      assert.match(
        await failure(`ADD ${closed.replace("//", "//me:pass@")}/f /`),
        /^(?!.*pass).*nothing listens there/s,
      );
    });

    it("stops when the build is cancelled", async () => {
      const abort = new AbortController();
      handler = (_request, response) => {
        response.write("begun");
        abort.abort();
      };
      const built = await engine.build({ Dockerfile: `FROM scratch\nADD ${address}/f /\n` }, {}, abort.signal);
      assert.equal(built.failure?.error.drydock?.code, "cancelled");
    });
  });

  it("contexts from the web are a tar or a Dockerfile", async () => {
    const tar = pack();
    tar.entry({ name: "Dockerfile" }, "FROM scratch\nCOPY f /\n");
    tar.entry({ name: "f" }, "in the tar");
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    handler = (request, response) =>
      response.end(request.url === "/tar" ? gzipSync(Buffer.concat(chunks)) : "FROM scratch\nWORKDIR /w\n");
    for (const name of ["tar", "Dockerfile"]) {
      const built = await engine.build(`${address}/${name}`);
      assert.equal(built.failure, undefined, built.failure?.error.message);
      assert.equal(built.steps.length, 2);
    }
  });

  describe("from repositories", () => {
    let place: ReturnType<typeof makeFolder>;
    let commit: string;
    const git = (cwd: string, ...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args], {
        cwd,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env.PATH,
          HOME: cwd,
          GIT_COMMITTER_DATE: "2020-01-02T00:00:00Z",
          GIT_AUTHOR_DATE: "2020-01-02T00:00:00Z",
        },
      }).trim();

    beforeEach(() => {
      place = makeFolder({ "work/README": "one", "work/sub/tool.sh": "#!/bin/sh\n", "inner/in": "module" });
      const work = path.join(place.path, "work");
      const inner = path.join(place.path, "inner");
      for (const folder of [work, inner]) git(folder, "init", "-q", "-b", "main");
      git(inner, "add", ".");
      git(inner, "commit", "-qm", "inner");
      git(inner, "clone", "-q", "--bare", inner, path.join(place.path, "inner.git"));
      execFileSync("chmod", ["+x", path.join(work, "sub/tool.sh")]);
      writeFileSync(path.join(work, ".gitmodules"), '[submodule "m"]\n\tpath = m\n\turl = ../inner.git\n');
      git(work, "add", ".");
      git(work, "update-index", "--add", "--cacheinfo", `160000,${git(inner, "rev-parse", "HEAD")},m`);
      git(work, "commit", "-qm", "first");
      git(work, "tag", "-am", "v1", "v1");
      commit = git(work, "rev-parse", "HEAD");
      git(work, "checkout", "-qb", "next");
      writeFileSync(path.join(work, "README"), "two");
      git(work, "commit", "-qam", "second");
      git(work, "checkout", "-q", "main");
      git(work, "clone", "-q", "--bare", work, path.join(place.path, "repo.git"));
      handler = (request, response) => backend(place.path, request, response);
    });
    afterEach(() => place.dispose());

    const files = ["README 644", "m 755", "m/in 644", "sub 755", "sub/tool.sh 755"];
    const names = (lines: readonly string[]) =>
      lines.flatMap((line) => {
        const [, name = "", mode = ""] = /^d\/(.+?)\/? (\d+) /.exec(line) ?? [];
        return name === "" || name === ".gitmodules" || name.startsWith(".git/") ? [] : [`${name} ${mode}`];
      });

    it("comes with submodules, without .git, in the modes of git", async () => {
      const listing = await added(`ADD ${address}/repo.git /d`);
      assert.deepEqual(names(listing), files);
      assert.ok(listing.includes('d/README 644 0:0 "one"'), listing.join("\n"));
    });

    it("by branch, tag, commit, folder and query", async () => {
      for (const [what, text] of [
        ["#next", "two"],
        ["#refs/heads/next", "two"],
        ["#v1", "one"],
        [`#${commit}`, "one"],
        ["?branch=next", "two"],
        [`?ref=v1&checksum=${commit.slice(0, 10)}`, "one"],
      ]) {
        const listing = await added(`ADD ${address}/repo.git${what} /d`);
        assert.ok(listing.includes(`d/README 644 0:0 "${text}"`), `${what}: ${listing.join("\n")}`);
      }
      assert.deepEqual(await added(`ADD ${address}/repo.git#main:sub /d/`), [
        "d/ 755 0:0",
        'd/tool.sh 755 0:0 "#!/bin/sh\n"',
      ]);
    });

    it("keeps .git when it is asked to", async () => {
      const listing = await added(`ADD --keep-git-dir=true ${address}/repo.git /d`);
      assert.ok(
        listing.some((line) => line.startsWith("d/.git/HEAD ")),
        listing.join("\n"),
      );
    });

    it("is cached by its commit: nothing but the commit is asked for again", async () => {
      const first = await build(`ADD ${address}/repo.git /d`);
      requests.length = 0;
      const second = await build(`ADD ${address}/repo.git /d`);
      assert.equal(second.id, first.id);
      assert.ok(
        requests.every((line) => !line.startsWith("POST /repo.git/git-upload-pack") || requests.length < 3),
        requests.join("\n"),
      );
      requests.length = 0;
      await build(`ADD ${address}/repo.git#${commit} /d`);
      assert.deepEqual(requests, []);
    });

    it("are contexts, named and of the whole build, with the Dockerfile inside", async () => {
      const work = path.join(place.path, "work");
      writeFileSync(path.join(work, "sub/Dockerfile"), "FROM scratch\nCOPY tool.sh /\n");
      symlinkSync("/etc/hostname", path.join(work, "sub/Outside"));
      writeFileSync(path.join(work, ".dockerignore"), "*\n");
      git(work, "add", ".");
      git(work, "commit", "-qm", "docker");
      git(work, "push", "-q", path.join(place.path, "repo.git"), "main");
      const built = await engine.build(`${address}/repo.git#main:sub`);
      assert.equal(built.failure, undefined, built.failure?.error.message);
      const again = await engine.build(`${address}/repo.git`, { dockerfile: "sub/Dockerfile" });
      assert.match(again.failure?.error.message ?? "", /"tool.sh" was not found/);
      const outside = await engine.build(`${address}/repo.git#main:sub`, { dockerfile: "Outside" });
      assert.match(outside.failure?.error.message ?? "", /does not exist/);
      // .dockerignore is for folders of this machine.
      const named = await build("COPY --from=repo README /", { buildContexts: { repo: `${address}/repo.git` } });
      assert.equal(named.failure, undefined, named.failure?.error.message);
    });

    it("are logged in to with a secret that no process shows and no error repeats", async () => {
      const seen: (string | undefined)[] = [];
      const plain = handler;
      handler = (request, response) => {
        seen.push(request.headers.authorization);
        if (request.headers.authorization === undefined) response.writeHead(401).end();
        else plain(request, response);
      };
      const secrets = { GIT_AUTH_TOKEN: { kind: "value", value: Buffer.from("t0ken").toString("base64") } };
      const built = await build(`ADD ${address}/repo.git /d`, { secrets });
      assert.equal(built.failure, undefined, built.failure?.error.message);
      assert.equal(seen[0], `basic ${Buffer.from("x-access-token:t0ken").toString("base64")}`);
      assert.match(await failure(`ADD ${address}/repo.git#next /d`), /GIT_AUTH_TOKEN/);
      const other = address.replace("//", "//me:pass@");
      assert.doesNotMatch(await failure(`ADD ${other}/none.git /d`), /pass/);
    });

    it("says what went wrong, and takes no other transports and no options", async () => {
      assert.match(
        await failure(`ADD ${address}/none.git /d`),
        /not-found: the repository .*none\.git cannot be fetched/,
      );
      assert.match(await failure(`ADD ${address}/repo.git#none /d`), /has no branch, tag or commit "none"/);
      assert.match(await failure(`ADD ${address}/repo.git#main:none /d`), /has no folder "none"/);
      assert.match(await failure(`ADD ${address}/repo.git#main:README /d`), /has no folder/);
      assert.match(await failure(`ADD --checksum=1234567 ${address}/repo.git /d`), /content-corrupt/);
      for (const bad of [
        `${address}/repo.git#--upload-pack=touch`,
        "ssh://-oProxyCommand=x/repo.git",
        `${address}/repo.git#a..b`,
      ]) {
        assert.match(await failure(`ADD ${bad} /d`), /is not an address that can be fetched/);
      }
      assert.match(await failure(`ADD file://${place.path}/repo.git /d`), /copy-source-not-found/);
    });

    it("does not follow submodules to other transports", async () => {
      const work = path.join(place.path, "work");
      writeFileSync(
        path.join(work, ".gitmodules"),
        `[submodule "m"]\n\tpath = m\n\turl = file://${place.path}/inner.git\n`,
      );
      git(work, "commit", "-qam", "evil");
      git(work, "push", "-q", path.join(place.path, "repo.git"), "main");
      assert.match(await failure(`ADD ${address}/repo.git /d`), /transport 'file' not allowed/);
    });
  });
});

/** git's own CGI program behind Node's server. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://x");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf("\r\n\r\n");
    const headers = whole
      .toString("latin1", 0, end)
      .split("\r\n")
      .map((line) => line.split(": ") as [string, string]);
    const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
    response
      .writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status")))
      .end(whole.subarray(end + 4));
  });
}
