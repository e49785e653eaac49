import assert from "node:assert/strict";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

describe("images and containers over the API", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

  it("lists images with short names, by filter", async () => {
    engine.images.plant(["docker.io/library/node:24"], { Labels: { a: "b" } });
    engine.images.plant(["ghcr.io/me/app:1"]);
    engine.images.plant([]);
    const names = async (query = "") =>
      (await engine.request("GET", `/images/json?${query}`)).json<{ RepoTags: string[] }[]>().map((i) => i.RepoTags);
    assert.deepEqual(await names(), [["node:24"], ["ghcr.io/me/app:1"], []]);
    assert.deepEqual(await names(filters({ reference: ["node"] })), [["node:24"]]);
    assert.deepEqual(await names(filters({ reference: ["ghcr.io/*/app"] })), [["ghcr.io/me/app:1"]]);
    assert.deepEqual(await names(filters({ dangling: ["true"] })), [[]]);
    assert.deepEqual(await names(filters({ until: ["2026-01-01"] })), []);
    assert.deepEqual(await names(filters({ label: { "a=b": true } })), [["node:24"]]);
    assert.equal((await engine.request("GET", `/images/json?${filters({ colour: ["red"] })}`)).status, 400);
  });

  it("inspects an image whose name has slashes, and tells its history newest first", async () => {
    const { id } = engine.images.plant(["ghcr.io/me/app:1"], { Cmd: ["sh"] });
    const image = (await engine.request("GET", "/images/ghcr.io/me/app:1/json")).json<Record<string, object>>();
    assert.equal(image.Id, id);
    assert.deepEqual(image.Config?.["Cmd" as never], ["sh"]);
    const history = (await engine.request("GET", "/images/ghcr.io/me/app:1/history")).json<
      { Id: string; CreatedBy: string; Size: number }[]
    >();
    assert.deepEqual(
      history.map(({ Id, CreatedBy, Size }) => [Id, CreatedBy, Size]),
      [
        [id, 'CMD ["sh"]', 0],
        ["<missing>", "COPY . .", 100],
      ],
    );
  });

  it("tags, and refuses what is not a name", async () => {
    engine.images.plant(["docker.io/library/node:24"]);
    assert.equal((await engine.request("POST", "/images/node:24/tag?repo=my/app&tag=2")).status, 201);
    assert.equal((await engine.request("GET", "/images/my/app:2/json")).status, 200);
    assert.equal((await engine.request("POST", "/images/node:24/tag?repo=My/App")).status, 400);
    assert.equal((await engine.request("POST", "/images/none/tag?repo=x")).status, 404);
  });

  it("tells the tags that a repository has in its registry, and refuses what is no name", async () => {
    engine.tags = ["24", "24-slim"];
    assert.deepEqual((await engine.request("GET", "/drydock/tags?repository=node")).json(), {
      tags: ["24", "24-slim"],
    });
    engine.tags = [];
    assert.deepEqual((await engine.request("GET", "/drydock/tags?repository=docker.io/library/node")).json(), {
      tags: ["24", "24-slim"],
    });
    assert.equal((await engine.request("GET", "/drydock/tags")).status, 400);
    assert.equal((await engine.request("GET", "/drydock/tags?repository=No%20Name")).status, 400);
  });

  it("does not remove an image that a container uses, and says which", async () => {
    const image = engine.images.plant(["docker.io/library/node:24"]);
    const { id } = await engine.containers.create({ image: "node:24", name: "web" });
    engine.containers.change("web", { imageId: image.id, status: "exited" });

    const refused = await engine.request("DELETE", "/images/node:24");
    assert.equal(refused.status, 409);
    const body = refused.json<{ message: string; drydock: { action: object } }>();
    assert.match(body.message, /unable to remove image "node:24": container web is using it/);
    assert.deepEqual(body.drydock.action, { kind: "remove-container", id });

    engine.containers.change("web", { status: "running" });
    assert.equal((await engine.request("DELETE", "/images/node:24?force=1")).status, 409);

    engine.containers.change("web", { status: "exited" });
    const removed = await engine.request("DELETE", "/images/node:24?force=1");
    assert.deepEqual(removed.json(), [{ Untagged: "node:24" }]);
    const list = await engine.request("GET", "/images/json");
    assert.equal(list.json<object[]>().length, 1, "the container must be able to start");
  });

  it("takes one of several names away, whoever uses the image", async () => {
    const image = engine.images.plant(["docker.io/library/node:24", "docker.io/library/app:1"]);
    await engine.containers.create({ image: "node:24", name: "web" });
    engine.containers.change("web", { imageId: image.id, status: "running" });
    assert.deepEqual((await engine.request("DELETE", "/images/app:1")).json(), [{ Untagged: "app:1" }]);
  });

  it("pulls with Docker's progress", async () => {
    engine.pull = async (reference, { onProgress, credentials }) => {
      assert.equal(reference.repository, "library/node");
      assert.deepEqual(credentials, { username: "me", password: "secret" });
      onProgress?.({ item: "abc", status: "waiting", currentBytes: 0 });
      onProgress?.({ item: "abc", status: "downloading", currentBytes: 5, totalBytes: 10 });
      onProgress?.({ item: "abc", status: "downloaded", currentBytes: 10, totalBytes: 10 });
      const digest = `sha256:${"1".repeat(64)}` as never;
      return { manifest: { mediaType: "", size: 1, digest }, rootDigest: digest };
    };
    const auth = Buffer.from(JSON.stringify({ username: "me", password: "secret" })).toString("base64url");
    const answer = await engine.request("POST", "/images/create?fromImage=node&tag=24", {
      headers: { "x-registry-auth": auth },
    });
    assert.equal(answer.status, 200);
    const lines = answer.lines();
    assert.deepEqual(lines[0], { status: "Pulling from library/node", id: "24" });
    assert.ok(lines.some((line) => line.status === "Pull complete" && line.id === "abc"));
    assert.equal(lines.at(-1)?.status, "Status: Downloaded newer image for node:24");
  });

  it("a pull that fails at once has a status, one that fails later a last line", async () => {
    engine.pull = () => Promise.reject(new Error("broken"));
    assert.equal((await engine.request("POST", "/images/create?fromImage=node")).status, 500);
    engine.pull = async (_, { onProgress }) => {
      onProgress?.({ item: "abc", status: "downloading", currentBytes: 5 });
      throw new Error("broken");
    };
    const answer = await engine.request("POST", "/images/create?fromImage=node");
    assert.equal(answer.status, 200);
    const last = answer.lines().at(-1) as { error: string; errorDetail: { message: string } };
    assert.match(last.error, /broken/);
    assert.equal(last.errorDetail.message, last.error);
  });

  it("creates a container from what docker run sends", async () => {
    engine.images.plant(["docker.io/library/busybox:latest"]);
    const created = await engine.request("POST", "/containers/create?name=web", {
      json: {
        Image: "busybox",
        Cmd: ["httpd", "-f"],
        Entrypoint: null,
        Env: ["A=b"],
        Tty: false,
        Volumes: {},
        ExposedPorts: { "80/tcp": {} },
        SomethingNew: true,
        HostConfig: {
          Binds: ["/data:/srv:ro"],
          PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] },
          NetworkMode: "default",
          CgroupParent: "/here",
          Devices: [],
          ShmSize: 0,
          RestartPolicy: { Name: "no" },
        },
      },
    });
    assert.equal(created.status, 201);
    assert.deepEqual(created.json<{ Warnings: string[] }>().Warnings, ["CgroupParent is ignored."]);
    assert.deepEqual(engine.containers.get("web").options, {
      name: "web",
      image: "busybox",
      cmd: ["httpd", "-f"],
      env: ["A=b"],
      tty: false,
      exposedPorts: ["80/tcp"],
      ports: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080 }],
      mounts: [{ type: "bind", source: "/data", target: "/srv", readOnly: true, makeSource: true, written: "ro" }],
      restartPolicy: { name: "no", maximumRetryCount: 0 },
    });
  });

  it("refuses a container that it could not give", async () => {
    engine.images.plant(["docker.io/library/busybox:latest"]);
    const status = async (json: object) =>
      (await engine.request("POST", "/containers/create", { json: { Image: "busybox", ...json } })).status;
    assert.equal(await status({ Image: "none" }), 404);
    assert.equal(await status({ Image: 7 }), 400);
    assert.equal(await status({ HostConfig: { Binds: ["data: /srv"] } }), 400);
    assert.equal(await status({ HostConfig: { Binds: ["/data"] } }), 400);
    assert.equal(await status({ HostConfig: { DeviceRequests: [{ Count: -1 }] } }), 501);
    assert.equal(await status({ HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "99999" }] } } }), 400);
    assert.equal(await status({ ExposedPorts: { "http/tcp": {} } }), 400);
  });

  it("takes an image of another platform for missing, or warns when no platform was asked for", async () => {
    const [own, other] = process.arch === "arm64" ? ["arm64", "amd64"] : ["amd64", "arm64"];
    engine.images.plant(["docker.io/library/busybox:latest"], {}, { os: "linux", architecture: other });
    const create = (query: string) =>
      engine.request("POST", `/containers/create?${query}`, { json: { Image: "busybox" } });
    const refused = await create(`platform=linux/${own}`);
    assert.equal(refused.status, 404, "Docker's client pulls it then");
    assert.equal(
      refused.json<{ message: string }>().message,
      `image with reference busybox was found but does not match the specified platform: wanted linux/${own}, actual: linux/${other}`,
    );
    const asked = await create(`platform=linux/${other}`);
    assert.deepEqual([asked.status, asked.json<{ Warnings: string[] }>().Warnings], [201, []]);
    const [warning = ""] = (await create("name=b")).json<{ Warnings: string[] }>().Warnings;
    assert.match(warning, new RegExp(`platform \\(linux/${other}\\) does not match .*host platform`));
  });

  it("an empty entrypoint takes the image's away", async () => {
    engine.images.plant(["docker.io/library/busybox:latest"]);
    await engine.request("POST", "/containers/create?name=a", { json: { Image: "busybox", Entrypoint: [""] } });
    assert.deepEqual(engine.containers.get("a").options.entrypoint, [""]);
    await engine.request("POST", "/containers/create?name=b", { json: { Image: "busybox", Entrypoint: [] } });
    assert.equal(engine.containers.get("b").options.entrypoint, undefined);
  });

  it("lists containers as docker ps wants them", async () => {
    const image = engine.images.plant(["docker.io/library/busybox:latest"]);
    await engine.containers.create({ image: "busybox", name: "web", labels: { tier: "front" } });
    await engine.containers.create({ image: "busybox", name: "db", exposedPorts: ["5432/tcp"] });
    for (const name of ["web", "db"]) engine.containers.change(name, { imageId: image.id });
    await engine.containers.start("web");
    engine.containers.change("web", {
      publishedPorts: [{ containerPort: 80, protocol: "tcp", hostIp: "", hostPort: 8080 }],
    });
    type Summary = { Names: string[]; State: string; Status: string; Ports: object[]; Image: string };
    const list = async (query = "") => (await engine.request("GET", `/containers/json?${query}`)).json<Summary[]>();
    const names = async (query: string) => (await list(query)).map(({ Names }) => Names[0]);
    const [web] = await list();
    assert.equal(web?.State, "running");
    assert.match(web?.Status ?? "", /^Up /);
    assert.equal(web?.Image, "busybox");
    const port = { PrivatePort: 80, PublicPort: 8080, Type: "tcp" };
    assert.deepEqual(web?.Ports, [
      { IP: "0.0.0.0", ...port },
      { IP: "::", ...port },
    ]);
    assert.deepEqual(await names("all=1"), ["/db", "/web"]);
    assert.deepEqual(await names("limit=1"), ["/db"]);
    assert.deepEqual(await names(`all=1&${filters({ label: ["tier=front"] })}`), ["/web"]);
    assert.deepEqual(await names(filters({ status: ["created"] })), ["/db"]);
    assert.deepEqual(await names(`all=1&${filters({ ancestor: ["busybox"] })}`), ["/db", "/web"]);
    assert.deepEqual(await names(`all=1&${filters({ name: ["^web$"] })}`), ["/web"]);
  });

  it("inspects a container", async () => {
    await engine.containers.create({ image: "busybox", name: "web", exposedPorts: ["80/tcp"] });
    await engine.containers.start("web");
    const details = (await engine.request("GET", "/containers/web/json")).json<
      Record<string, Record<string, unknown>>
    >();
    assert.equal(details.Name, "/web");
    assert.equal(details.State?.Running, true);
    assert.deepEqual(details.NetworkSettings?.Ports, { "80/tcp": null });
    assert.equal(details.HostConfig?.NetworkMode, "bridge");
  });

  it("starts, stops, kills, renames and removes with Docker's statuses", async () => {
    await engine.containers.create({ image: "busybox", name: "web" });
    const status = async (method: string, url: string) => (await engine.request(method, url)).status;
    assert.equal(await status("POST", "/containers/web/start"), 204);
    assert.equal(await status("POST", "/containers/web/start"), 304);
    assert.equal(await status("DELETE", "/containers/web"), 409);
    assert.equal(await status("POST", "/containers/web/stop?t=3&signal=SIGINT"), 204);
    assert.equal(await status("POST", "/containers/web/stop"), 304);
    assert.ok(engine.containers.calls.includes('stop {"timeoutSeconds":3,"signal":"SIGINT"}'));
    assert.equal(await status("POST", "/containers/web/rename?name=site"), 204);
    assert.equal(await status("POST", "/containers/web/start"), 404);
    assert.equal(await status("POST", "/containers/site/resize?h=24&w=80"), 200);
    assert.equal(await status("POST", "/containers/site/resize?h=24"), 400);
    assert.equal(await status("DELETE", "/containers/site?force=1"), 204);
    assert.equal(await status("GET", "/containers/site/json"), 404);
  });

  it("tells the processes of a running container", async () => {
    await engine.containers.create({ image: "busybox", name: "web" });
    assert.equal((await engine.request("GET", "/containers/web/top")).status, 409);
    await engine.containers.start("web");
    const { Titles, Processes } = (await engine.request("GET", "/containers/web/top")).json<{
      Titles: string[];
      Processes: string[][];
    }>();
    assert.deepEqual([Titles[1], Titles.at(-1)], ["PID", "CMD"]);
    assert.ok(Processes.some((row) => row[1] === String(process.pid)));
  });

  it("answers truthfully about volumes and networks", async () => {
    assert.deepEqual((await engine.request("GET", "/volumes")).json(), { Volumes: [], Warnings: null });
    const networks = (await engine.request("GET", "/networks")).json<{ Name: string }[]>();
    assert.deepEqual(
      networks.map(({ Name }) => Name),
      ["bridge", "host", "none"],
    );
    assert.equal((await engine.request("GET", "/networks/mine")).status, 404);
    assert.equal((await engine.request("GET", `/networks?${filters({ type: ["nonsense"] })}`)).status, 400);
    const made = await engine.request("POST", "/volumes/create", { json: { Name: "data", Labels: { a: "b" } } });
    assert.deepEqual([made.status, made.json().Name, made.json().Labels], [201, "data", { a: "b" }]);
    assert.equal((await engine.request("GET", "/volumes/data")).json().Driver, "local");
    const named = async (kind: string, name: string) =>
      JSON.stringify((await engine.request("GET", `/${kind}?${filters({ name: [name] })}`)).json()).match(/"Name":/g)
        ?.length;
    // Regular expressions, as scripts write them to find just this one.
    assert.deepEqual([await named("volumes", "^data$"), await named("volumes", "^ata$")], [1, undefined]);
    assert.deepEqual([await named("networks", "^host$"), await named("networks", "^(host|none)$")], [1, 2]);
    assert.equal((await engine.request("POST", "/volumes/create", { json: { Name: "a/b" } })).status, 400);
    assert.equal((await engine.request("GET", "/volumes?filters=%7B%22odd%22%3A%5B%221%22%5D%7D")).status, 400);
    assert.equal((await engine.request("POST", "/volumes/prune")).json().VolumesDeleted?.toString(), "");
    const query = encodeURIComponent('{"all":["1"]}');
    assert.deepEqual((await engine.request("POST", `/volumes/prune?filters=${query}`)).json().VolumesDeleted, ["data"]);
  });

  it("prunes stopped containers and images without a name", async () => {
    await engine.containers.create({ image: "busybox", name: "old" });
    await engine.containers.create({ image: "busybox", name: "live" });
    await engine.containers.start("live");
    const { id } = engine.images.plant([]);
    engine.images.plant(["docker.io/library/node:24"]);
    const containers = (await engine.request("POST", "/containers/prune")).json<{ ContainersDeleted: string[] }>();
    assert.equal(containers.ContainersDeleted.length, 1);
    const images = (await engine.request("POST", "/images/prune")).json<{ ImagesDeleted: object[] }>();
    assert.deepEqual(images.ImagesDeleted, [{ Deleted: id }]);
  });

  it("prunes the others when somebody else was quicker with one of them", async () => {
    const [first, second] = [engine.images.plant([]), engine.images.plant([])];
    const { images, volumes } = engine.services;
    const removeImage = engine.images.remove.bind(engine.images);
    images.remove = async (name) => {
      if (name === first.id) await removeImage(second.id);
      return removeImage(name);
    };
    const pruned = await engine.request("POST", "/images/prune");
    assert.deepEqual([pruned.status, pruned.json().ImagesDeleted], [200, [{ Deleted: first.id }]]);

    for (const Name of ["one", "two"]) await engine.request("POST", "/volumes/create", { json: { Name } });
    const sizeOf = volumes.sizeOf.bind(volumes);
    volumes.sizeOf = async (name) => {
      if (name === "one") await volumes.remove("two", { force: false, users: [] });
      return sizeOf(name);
    };
    const swept = await engine.request("POST", `/volumes/prune?${filters({ all: ["1"] })}`);
    assert.deepEqual([swept.status, swept.json().VolumesDeleted], [200, ["one"]]);
  });

  it("refuses to prune until a time that nobody can read, also when there is nothing to prune", async () => {
    const query = encodeURIComponent(JSON.stringify({ until: ["bogus"] }));
    for (const kind of ["containers", "images", "networks"]) {
      assert.equal((await engine.request("POST", `/${kind}/prune?filters=${query}`)).status, 400, kind);
    }
  });

  it("describes itself", async () => {
    const info = (await engine.request("GET", "/info")).json();
    assert.equal(info.ServerVersion, "0.1.0");
    assert.equal(info.OSType, "linux");
    const usage = (await engine.request("GET", "/system/df")).json();
    assert.deepEqual([usage.Volumes, usage.Images], [[], []]);
  });
});
