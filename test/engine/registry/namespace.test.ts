import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createReader, createSessions } from "../../../engine/registry/reader.ts";
import { failure } from "../../support/engine-errors.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("namespaces of Docker Hub", () => {
  const scratch = scratchFolder();
  let server: Server;
  let asked: string[];
  let pages: Record<string, object>;

  beforeEach(async () => {
    asked = [];
    pages = {};
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const page = pages[request.url ?? ""];
      response.writeHead(page ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(page ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => server.close());

  function namespace(name: string) {
    const options = {
      settings: async () => ({ registryMirrors: [], insecureRegistries: [] }),
      dockerConfig: path.join(scratch(), "config.json"),
      timing: { backoffMs: [] },
      hubUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    return createReader(options, createSessions(options)).namespace(name);
  }

  it("lists page after page", async () => {
    const path = (page: number) => `/v2/repositories/team/?page_size=100&page=${page}`;
    pages[path(1)] = {
      next: "https://elsewhere.invalid/",
      results: [{ name: "app", description: "a\u001bb", star_count: 3 }],
    };
    pages[path(2)] = { next: null, results: [{ name: "db" }, { name: 7 }] };
    assert.deepEqual(
      (await namespace("team")).map(({ name, description, stars }) => [name, description, stars]),
      [
        ["team/app", "a b", 3],
        ["team/db", "", 0],
      ],
    );
    assert.deepEqual(asked, [path(1), path(2)]);
  });

  it("says so when there is no such namespace, and when the answer is no list", async () => {
    await failure("image-not-found", namespace("nobody"));
    pages["/v2/repositories/team/?page_size=100&page=1"] = { results: "none" };
    await failure("registry-protocol", namespace("team"));
  });
});
