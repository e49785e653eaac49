import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { Engines, engineSetting } from "../../../client/engines/engines.ts";

describe("the choice of an engine", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-engines-"));
  const log = { info() {}, warn() {} } as unknown as vscode.LogOutputChannel;
  const settings = () => vscode.workspace.getConfiguration();
  const servers: Server[] = [];

  const engine = async (name: string, answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const socket = path.join(folder, name);
    const server = createServer((request, response) => {
      response.setHeader("Api-Version", "1.47");
      answer(request, response);
    });
    servers.push(server);
    server.listen(socket);
    await once(server, "listening");
    return `unix://${socket}`;
  };
  const use = (address: string | undefined) =>
    settings().update(engineSetting, address, vscode.ConfigurationTarget.Workspace);
  const before = settings().inspect<string>(engineSetting)?.workspaceValue;

  after(async () => {
    await use(before);
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("made while another answers slowly is the one that is used", async () => {
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const waiting: ServerResponse[] = [];
    const slow = await engine("slow.sock", (_, response) => {
      waiting.push(response);
      asked();
    });
    const quick = await engine("quick.sock", (request, response) => {
      if (request.url?.includes("/events")) response.flushHeaders();
      else response.end("OK");
    });
    await use(slow);
    const engines = new Engines({ distDir: folder, log });
    try {
      const connection = engines.connection();
      await isAsked;
      await use(quick);
      for (const response of waiting) response.end("OK");
      assert.equal((await connection).target.id, quick);
      assert.equal(engines.used?.id, quick);
      assert.equal((await engines.connection()).target.id, quick);
    } finally {
      engines.dispose();
    }
    assert.throws(() => engines.connection(), /Cancelled/);
  });

  it("is not used before what happens in it is heard", async () => {
    const order: string[] = [];
    const address = await engine("events.sock", (request, response) => {
      if (!request.url?.includes("/events")) return response.end("OK");
      setTimeout(() => {
        order.push("heard");
        response.flushHeaders();
      }, 100);
    });
    await use(address);
    const engines = new Engines({ distDir: folder, log });
    try {
      await engines.connection();
      order.push("used");
      assert.deepEqual(order, ["heard", "used"]);
    } finally {
      engines.dispose();
    }
  });
});
