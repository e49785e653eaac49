import assert from "node:assert/strict";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { frame } from "../../../engine/api/stream.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

describe("streams", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  async function running(options: object = {}) {
    await engine.containers.create({ image: "busybox", name: "box", openStdin: true, ...options });
    await engine.containers.start("box");
    return engine.containers.attachmentOf("box");
  }

  it("frame output in headers of 8 bytes", () => {
    assert.deepEqual([...frame("stdout", Buffer.from("hi"))], [1, 0, 0, 0, 0, 0, 0, 2, 104, 105]);
    assert.deepEqual([...frame("stderr", Buffer.alloc(0x10203))].slice(0, 8), [2, 0, 0, 0, 0, 1, 2, 3]);
  });

  it("attach leaves HTTP and frames stdout and stderr", async () => {
    const attachment = await running();
    const { head, received } = await engine.hijack("/v1.50/containers/box/attach?stream=1&stdout=1&stderr=1");
    assert.match(head, /^HTTP\/1\.1 101 UPGRADED\r\n/);
    assert.match(head, /Upgrade: tcp/);
    assert.match(head, /Content-Type: application\/vnd\.docker\.multiplexed-stream/);
    attachment.say("stdout", "out\n");
    attachment.say("stderr", "err\n");
    attachment.finish();
    const expected = Buffer.concat([frame("stdout", Buffer.from("out\n")), frame("stderr", Buffer.from("err\n"))]);
    assert.deepEqual(await received, expected);
  });

  it("name the stream as old clients know it, and a terminal's is raw", async () => {
    const attachment = await running({ tty: true });
    const { head, received } = await engine.hijack("/v1.41/containers/box/attach?stream=1&stdout=1");
    assert.match(head, /Content-Type: application\/vnd\.docker\.raw-stream/);
    attachment.say("stdout", "\u001b[1mbold");
    attachment.finish();
    assert.equal((await received).toString(), "\u001b[1mbold");
  });

  it("attach gives only the streams that were asked for", async () => {
    const attachment = await running();
    const { received } = await engine.hijack("/containers/box/attach?stream=1&stderr=1");
    attachment.say("stdout", "out");
    attachment.say("stderr", "err");
    attachment.finish();
    assert.deepEqual(await received, frame("stderr", Buffer.from("err")));
  });

  it("a client that closes its half closes stdin, and the output goes on", async () => {
    const attachment = await running();
    const { socket, received } = await engine.hijack("/containers/box/attach?stream=1&stdin=1&stdout=1");
    socket.end("last words");
    await once(attachment.changed, "closed");
    assert.deepEqual(attachment.input, ["last words"]);
    assert.equal(attachment.detached, false);
    attachment.say("stdout", "answer");
    attachment.finish();
    assert.deepEqual(await received, frame("stdout", Buffer.from("answer")));
  });

  it("a client that goes away leaves the process alone", async () => {
    const attachment = await running();
    const { socket } = await engine.hijack("/containers/box/attach?stream=1&stdin=1&stdout=1");
    socket.destroy();
    while (!attachment.detached) {
      // Writing is how the end of a unix socket is noticed.
      attachment.say("stdout", "x");
      await turn();
    }
    assert.equal(engine.containers.get("box").status, "running");
  });

  it("attach without leaving HTTP is an answer of 200 whose body is the output", async () => {
    const attachment = await running();
    const response = await engine.open("POST", "/containers/box/attach?stream=1&stdout=1");
    assert.equal(response.statusCode, 200);
    attachment.say("stdout", "out");
    attachment.finish();
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    assert.deepEqual(Buffer.concat(chunks), frame("stdout", Buffer.from("out")));
  });

  it("attach with logs=1 says first what was said before", async () => {
    const attachment = await running();
    engine.containers.lines = [{ stream: "stdout", timeNs: 1n, data: Buffer.from("before\n") }];
    const { received } = await engine.hijack("/containers/box/attach?logs=1&stream=1&stdout=1&stderr=1");
    attachment.say("stdout", "now\n");
    attachment.finish();
    const text = (await received).toString();
    assert.ok(text.indexOf("before") < text.indexOf("now"), text);
  });

  it("logs are framed, with times when asked for", async () => {
    await running();
    engine.containers.lines = [
      { stream: "stdout", timeNs: 1_767_323_045_000_000_007n, data: Buffer.from("one\n") },
      { stream: "stderr", timeNs: 1_767_323_046_000_000_000n, data: Buffer.from("two") },
    ];
    const plain = await engine.request("GET", "/containers/box/logs?stdout=1&stderr=1");
    assert.deepEqual(
      plain.raw,
      Buffer.concat([frame("stdout", Buffer.from("one\n")), frame("stderr", Buffer.from("two"))]),
    );
    const timed = await engine.request("GET", "/containers/box/logs?stdout=1&timestamps=1");
    assert.match(timed.text, /2026-01-02T03:04:05\.000000007Z one\n/);
    assert.equal((await engine.request("GET", "/containers/box/logs")).status, 400);
    assert.equal((await engine.request("GET", "/containers/none/logs?stdout=1")).status, 404);
  });

  it("logs begin with what log options name when details are asked for", async () => {
    await running();
    engine.containers.lines = [{ stream: "stdout", timeNs: 1_767_323_045_000_000_007n, data: Buffer.from("x\n") }];
    const { options, id } = engine.containers.get("box");
    const line = async (given: Record<string, string>, more = "") => {
      const log = { driver: "json-file" as const, options: given };
      const env = ["FOO=bar", "X1=a=b", "Y=2"];
      engine.containers.change("box", { env, labels: { lb: 'a b,c="e', z1: "~é*" }, options: { ...options, log } });
      const { raw } = await engine.request("GET", `/containers/box/logs?stdout=1&details=1${more}`);
      return raw.subarray(8).toString();
    };
    assert.equal(await line({}), " x\n");
    assert.equal(await line({ tag: "{{.Name}} {{ .ID }}{{.Foo}}" }), `tag=box+${id.slice(0, 12)}%7B%7B.Foo%7D%7D x\n`);
    assert.equal(
      await line({ labels: "nope,lb", "labels-regex": "^z", env: "FOO,NONE", "env-regex": "^X", tag: "t" }),
      "FOO=bar,X1=a%3Db,lb=a+b%2Cc%3D%22e,tag=t,z1=~%C3%A9%2A x\n",
    );
    assert.equal(await line({ "env-regex": "(" }), " x\n");
    assert.match(await line({ tag: "t" }, "&timestamps=1"), /^2026-01-02T03:04:05\.000000007Z tag=t x\n$/);
  });

  it("wait answers its head before the container has ended", async () => {
    await running();
    const response = await engine.open("POST", "/containers/box/wait?condition=next-exit");
    assert.equal(response.statusCode, 200);
    engine.containers.change("box", { status: "exited", exitCode: 9 });
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    assert.deepEqual(JSON.parse(Buffer.concat(chunks).toString()), { StatusCode: 9 });
    assert.equal((await engine.request("POST", "/containers/box/wait?condition=never")).status, 400);
  });

  it("exec reads its body although the client asks to leave HTTP", async () => {
    await running();
    const created = await engine.request("POST", "/containers/box/exec", {
      json: { Cmd: ["cat"], AttachStdin: true, AttachStdout: true },
    });
    assert.equal(created.status, 201);
    const id = String(created.json().Id);
    const { head, socket, received } = await engine.hijack(`/exec/${id}/start`, '{"Detach":false,"Tty":false}');
    assert.match(head, /^HTTP\/1\.1 101/);
    const attachment = engine.containers.attachments.get(id);
    assert.ok(attachment);
    socket.end("typed");
    await once(attachment.changed, "closed");
    assert.deepEqual(attachment.input, ["typed"]);
    attachment.say("stdout", "typed");
    attachment.finish();
    assert.deepEqual(await received, frame("stdout", Buffer.from("typed")));
    const state = (await engine.request("GET", `/exec/${id}/json`)).json();
    assert.equal(state.Running, true);
    assert.equal(state.ExitCode, null);
  });

  it("exec can run by itself", async () => {
    await running();
    const created = await engine.request("POST", "/containers/box/exec", { json: { Cmd: ["true"] } });
    const id = String(created.json().Id);
    const { status } = await engine.request("POST", `/exec/${id}/start`, { json: { Detach: true } });
    assert.equal(status, 200);
    assert.equal(engine.containers.attachments.get(id)?.detached, true);
  });

  it("events are told live, by filter, and looked up in the past", async () => {
    const event = (action: string, timeNs: bigint) =>
      engine.services.events.emit({
        type: "container",
        action,
        id: "c1",
        attributes: { name: "box", image: "busybox" },
        timeNs,
      });
    event("create", 1_767_323_045_123_456_789n);
    event("start", 1_767_323_046_000_000_000n);
    const filters = encodeURIComponent(JSON.stringify({ event: ["create", "die"] }));
    const past = await engine.request("GET", `/events?since=1767323040&until=1767323050&filters=${filters}`);
    assert.equal(past.text.trim().split("\n").length, 1);
    assert.match(past.text, /"timeNano":1767323045123456789}/);
    assert.deepEqual(past.lines()[0]?.Actor, { ID: "c1", Attributes: { name: "box", image: "busybox" } });

    const leave = new AbortController();
    const live = await engine.open("GET", `/events?filters=${filters}`, { signal: leave.signal });
    event("start", 2n);
    event("die", 3n);
    const [chunk] = await once(live, "data");
    assert.equal(JSON.parse(String(chunk)).Action, "die");
    live.on("error", () => {});
    leave.abort();
  });
});
