import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { digestOf } from "../../../engine/base/digest.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

describe("dockerode, the client of the extension", () => {
  let engine: FakeEngine;
  let docker: Docker;
  beforeEach(async () => {
    engine = await fakeEngine();
    docker = new Docker({ socketPath: engine.socket });
    engine.images.plant(["docker.io/library/busybox:latest"]);
    await docker.createContainer({ Image: "busybox", name: "box", Cmd: ["cat"], OpenStdin: true });
    await docker.getContainer("box").start();
  });
  afterEach(() => engine.close());

  it("attaches, in both directions", async () => {
    const attachment = engine.containers.attachmentOf("box");
    const stream = await docker
      .getContainer("box")
      .attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, stdout, stderr);
    stream.write("typed");
    await once(attachment.changed, "input");
    assert.deepEqual(attachment.input, ["typed"]);
    attachment.say("stdout", "out");
    assert.equal(String(await once(stdout, "data")), "out");
    attachment.say("stderr", "err");
    assert.equal(String(await once(stderr, "data")), "err");
    stream.end();
    await once(attachment.changed, "closed");
    attachment.finish();
    await once(stream, "end");
  });

  it("watches without leaving HTTP, and what it sends as options is not typed", async () => {
    const attachment = engine.containers.attachmentOf("box");
    const stream = await docker.getContainer("box").attach({ stream: true, stdin: true, stdout: true });
    attachment.say("stdout", "out");
    assert.equal(String(await once(stream, "data")).slice(8), "out");
    assert.deepEqual(attachment.input, []);
    attachment.finish();
    await once(stream, "end");
  });

  it("runs commands in containers", async () => {
    const exec = await docker
      .getContainer("box")
      .exec({ Cmd: ["sh"], AttachStdin: true, AttachStdout: true, Tty: true });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    const attachment = engine.containers.attachments.get(exec.id);
    assert.ok(attachment);
    stream.write("ls\r");
    await once(attachment.changed, "input");
    attachment.say("stdout", "files\r\n");
    assert.equal(String(await once(stream, "data")), "files\r\n");
    await exec.resize({ h: 24, w: 80 });
    assert.equal(engine.containers.calls.at(-1), 'resize exec true {"rows":24,"columns":80}');
    attachment.finish();
    await once(stream, "end");
  });

  it("waits, reads logs and follows a pull", async () => {
    const waiting = docker.getContainer("box").wait();
    engine.containers.lines = [{ stream: "stdout", timeNs: 1n, data: Buffer.from("line\n") }];
    const logs = await docker.getContainer("box").logs({ stdout: true, stderr: true });
    assert.equal(logs.subarray(8).toString(), "line\n");
    await docker.getContainer("box").stop();
    assert.deepEqual(await waiting, { StatusCode: 143 });

    const digest = digestOf("x");
    engine.pull = async (_, { onProgress }) => {
      onProgress?.({ item: "abc", status: "downloading", currentBytes: 1, totalBytes: 2 });
      return { manifest: { mediaType: "", size: 1, digest }, rootDigest: digest };
    };
    const progress = await docker.pull("node:24");
    const lines = await new Promise<{ status?: string }[]>((resolve, reject) =>
      docker.modem.followProgress(progress, (error, output) => (error ? reject(error) : resolve(output))),
    );
    assert.equal(lines.at(-1)?.status, "Status: Downloaded newer image for node:24");
  });

  it("has the message and the code of an error", async () => {
    const error = await docker
      .getContainer("none")
      .inspect()
      .then(() => undefined)
      .catch((reason: { statusCode: number; json: { drydock: { code: string } } }) => reason);
    assert.equal(error?.statusCode, 404);
    assert.equal(error?.json.drydock.code, "not-found");
  });
});
