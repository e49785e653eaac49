import assert from "node:assert/strict";
import { once } from "node:events";
import os from "node:os";
import { PassThrough, type Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import Docker from "dockerode";
import { extract, pack } from "tar-stream";
import { describeWithDocker } from "../../support/docker-users.ts";

/** A server that serves the files of /data on a port, says so in its log, and ends in good order when asked to. */
const server = (port: number) =>
  `mkdir -p /data; echo opening files >&2; httpd -p ${port} -h /data; trap 'echo closed; exit 0' TERM; echo ready to accept connections; while :; do sleep 0.1; done`;

describeWithDocker("programs that use dockerode", (lab) => {
  const docker = () => new Docker({ socketPath: lab().socket });

  /** Both streams of a container or an exec, apart. */
  const apart = (stream: NodeJS.ReadableStream) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    docker().modem.demuxStream(stream, stdout, stderr);
    stream.once("end", () => {
      stdout.end();
      stderr.end();
    });
    return { stdout, stderr };
  };
  const until = async (stream: Readable, seen: RegExp) => {
    let all = "";
    for await (const part of stream) {
      all += String(part);
      if (seen.test(all)) return;
    }
    assert.fail(`${seen} not seen in ${all}`);
  };
  const exec = async (container: Docker.Container, Cmd: string[], more: Docker.ExecCreateOptions = {}) => {
    const made = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true, ...more });
    const { stdout, stderr } = apart(await made.start({ hijack: true, stdin: false }));
    const [output, errors] = await Promise.all([text(stdout), text(stderr)]);
    return { output, errors, exitCode: (await made.inspect()).ExitCode };
  };
  const fetchText = async (url: string) => (await fetch(url)).text();
  const hasIpv6 = Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

  it("start a database, wait for its log, run commands, copy files both ways, connect, and take all away", async () => {
    const container = await docker().createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", server(5432)],
      Labels: { "org.example.session": "one" },
      Volumes: { "/data": {} },
      ExposedPorts: { "5432/tcp": {} },
      HostConfig: { PortBindings: { "5432/tcp": [{ HostIp: "", HostPort: "0" }] } },
    });
    await container.start();
    const log = await container.logs({ follow: true, stdout: true, stderr: true });
    const streams = apart(log);
    const complaint = once(streams.stderr, "data");
    await until(streams.stdout, /^ready to accept connections$/m);
    assert.equal(String((await complaint)[0]), "opening files\n");

    assert.deepEqual(await exec(container, ["sh", "-c", "echo out; echo err >&2; exit 3"]), {
      output: "out\n",
      errors: "err\n",
      exitCode: 3,
    });
    const user = await exec(container, ["sh", "-c", "id -u; pwd; echo $A"], {
      User: "7",
      WorkingDir: "/data",
      Env: ["A=b"],
    });
    assert.equal(user.output, "7\n/data\nb\n");

    const archive = pack();
    archive.entry({ name: "greeting", mode: 0o640, uid: 5, gid: 6 }, "hello\n");
    archive.finalize();
    await container.putArchive(await buffer(archive), { path: "/data" });
    assert.equal((await exec(container, ["stat", "-c", "%a %u %g", "/data/greeting"])).output, "640 5 6\n");
    await exec(container, ["sh", "-c", "tr a-z A-Z </data/greeting >/data/loud"]);
    const files = extract();
    (await container.getArchive({ path: "/data/loud" })).pipe(files);
    const found: string[] = [];
    for await (const entry of files) found.push(entry.header.name, await text(entry));
    assert.deepEqual(found, ["loud", "HELLO\n"]);

    const details = await container.inspect();
    const bindings = details.NetworkSettings.Ports["5432/tcp"] ?? [];
    const port = bindings[0]?.HostPort ?? "";
    const addresses = hasIpv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"];
    assert.deepEqual(
      bindings,
      addresses.map((HostIp) => ({ HostIp, HostPort: port })),
    );
    for (const host of hasIpv6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"]) {
      assert.equal(await fetchText(`http://${host}:${port}/greeting`), "hello\n");
    }

    const [volume] = details.Mounts;
    assert.ok(volume?.Name);
    await container.stop({ t: 20 });
    assert.deepEqual(await container.wait(), { StatusCode: 0 });
    assert.match((await container.logs({ stdout: true, tail: 1 })).toString(), /closed\n$/);
    await container.remove({ v: true });
    await assert.rejects(container.inspect(), { statusCode: 404 });
    await assert.rejects(docker().getVolume(volume.Name).inspect(), { statusCode: 404 });
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  });

  it("see a command that still runs among the container's, and as whom it was started", async () => {
    const container = await docker().createContainer({ Image: "busybox", Cmd: ["sleep", "600"] });
    await container.start();
    assert.equal((await container.inspect()).ExecIDs, null);
    const made = await container.exec({ Cmd: ["cat"], AttachStdin: true, AttachStdout: true, User: "5" });
    const stream = await made.start({ hijack: true, stdin: true });
    assert.deepEqual((await container.inspect()).ExecIDs, [made.id]);
    const { Running, ProcessConfig } = await made.inspect();
    assert.equal(Running, true);
    assert.deepEqual(ProcessConfig, { tty: false, entrypoint: "cat", arguments: [], privileged: false, user: "5" });
    const { stdout } = apart(stream);
    stream.end("typed");
    assert.equal(await text(stdout), "typed");
    assert.equal((await made.inspect()).ExitCode, 0);
    assert.equal((await container.inspect()).ExecIDs, null);
    await container.remove({ force: true });
  });

  it("bring up two services that wait for health, find each other by name and share a volume", async () => {
    const project = { "com.docker.compose.project": "shop" };
    const ours = { label: ["com.docker.compose.project=shop"] };
    const network = await docker().createNetwork({ Name: "shop_default", Labels: project, Attachable: false });
    await docker().createVolume({ Name: "shop_files", Labels: project });
    const create = (service: string, more: Docker.ContainerCreateOptions) =>
      docker().createContainer({
        name: `shop-${service}-1`,
        Image: "busybox",
        Labels: { ...project, "com.docker.compose.service": service },
        ...more,
        HostConfig: { NetworkMode: "shop_default", Binds: ["shop_files:/data:rw"], ...more.HostConfig },
        NetworkingConfig: { EndpointsConfig: { shop_default: { Aliases: [service] } } },
      });
    const db = await create("db", {
      Cmd: ["sh", "-c", server(5432)],
      Healthcheck: {
        Test: ["CMD-SHELL", "wget -q -O - http://127.0.0.1:5432/state | grep up"],
        Interval: 100e6,
        Timeout: 5e9,
        Retries: 1000,
      },
    });
    const healthy = JSON.stringify({ event: ["health_status: healthy"], container: [db.id] });
    const events = (await docker().getEvents({ filters: healthy })) as Readable;
    const firstEvent = once(events, "data");
    await db.start();
    assert.equal((await db.inspect()).State.Health?.Status, "starting");
    await exec(db, ["sh", "-c", "echo up >/data/state"]);
    const event = JSON.parse(String((await firstEvent)[0])) as { Actor: { Attributes: Record<string, string> } };
    events.destroy();
    assert.equal(event.Actor.Attributes["com.docker.compose.service"], "db");
    assert.equal((await db.inspect()).State.Health?.Status, "healthy");

    const web = await create("web", {
      Cmd: ["sh", "-c", `wget -q -O - http://db:5432/state; wget -q -O - http://shop-db-1:5432/state; ${server(80)}`],
      HostConfig: {
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
        RestartPolicy: { Name: "always" },
      },
    });
    await web.start();
    const log = apart(await web.logs({ follow: true, stdout: true, stderr: true }));
    await until(log.stdout, /^up\nup\nready/);
    assert.equal((await exec(db, ["wget", "-q", "-O", "-", "http://web/state"])).output, "up\n");
    const port = (await web.inspect()).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort;
    assert.equal(await fetchText(`http://127.0.0.1:${port}/state`), "up\n");

    const listed = await docker().listContainers({ filters: ours });
    assert.deepEqual(listed.map(({ Labels }) => Labels["com.docker.compose.service"]).sort(), ["db", "web"]);
    assert.deepEqual(
      Object.keys(((await network.inspect()) as { Containers: object }).Containers).sort(),
      [db.id, web.id].sort(),
    );
    await assert.rejects(network.remove(), { statusCode: 403 });
    await assert.rejects(docker().getVolume("shop_files").remove(), { statusCode: 409 });

    for (const { Id } of listed) {
      const container = docker().getContainer(Id);
      await container.stop({ t: 20 });
      assert.equal((await container.inspect()).State.ExitCode, 0);
      await container.remove();
    }
    await network.remove();
    await docker().getVolume("shop_files").remove();
    assert.deepEqual(await docker().listContainers({ all: true, filters: ours }), []);
    assert.deepEqual(await docker().listNetworks({ filters: ours }), []);
  });
});
