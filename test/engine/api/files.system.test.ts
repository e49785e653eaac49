import assert from "node:assert/strict";
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import type { FileEntry, FileList } from "../../../engine/base/files-api.ts";
import { describeWithDocker } from "../../support/docker-users.ts";
import { cpuMsOf } from "../../support/process-cpu.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

describeWithDocker("files for an editor", (lab) => {
  const ask = (method: string, url: string, body?: string, headers = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = request({ socketPath: lab().socket, method, path: `/drydock/${url}`, headers }, (response) => {
        buffer(response).then(
          (data) => resolve({ status: response.statusCode ?? 0, text: data.toString(), headers: response.headers }),
          reject,
        );
      });
      call.on("error", reject);
      call.end(body);
    });
  const list = async (place: string, path: string, more = ""): Promise<FileList> => {
    const { status, text } = await ask("GET", `${place}/files?path=${encodeURIComponent(path)}${more}`);
    assert.equal(status, 200, text);
    return JSON.parse(text) as FileList;
  };
  const names = (found: FileList) => found.entries?.map(({ name }) => name);

  for (const state of ["running", "stopped"] as const) {
    it(`of a ${state} container are listed, read, written, renamed and deleted`, async () => {
      const box = `edit-${state}`;
      const script =
        "[ -e /ready ] || { mkdir -p /w/sub; echo one > /w/f; chown 12:34 /w/f; chmod 4751 /w/f; ln -s f /w/l; ln -s /no /w/broken; touch /ready; }; sleep 600";
      await lab().ok(["run", "-d", "--name", box, "-v", "ev:/w/vol", "busybox", "sh", "-c", script]);
      while ((await lab().docker(["exec", box, "test", "-e", "/ready"])).code !== 0);
      if (state === "stopped") await lab().ok(["stop", "-t", "0", box]);
      const place = `containers/${box}`;
      const found = await list(place, "/w");
      assert.equal(found.writable, true);
      assert.deepEqual(
        found.entries?.map(({ name, type, mode, uid, gid, linkTarget, targetType, isMount }) =>
          [name, type, mode.toString(8), uid, gid, linkTarget, targetType, isMount].join(" ").trimEnd(),
        ),
        [
          "broken link 777 0 0 /no",
          "f file 4751 12 34",
          "l link 777 0 0 f file",
          "sub folder 755 0 0",
          "vol folder 755 0 0   true",
        ],
      );
      assert.equal((await list(place, "/w/l")).entry.type, "file");
      assert.equal((await list(place, "/w/l", "&follow=0")).entry.type, "link");
      assert.equal((await ask("GET", `${place}/files?path=/none`)).status, 404);

      assert.equal((await ask("GET", `${place}/file?path=/w/l`)).text, "one\n");
      const part = await ask("GET", `${place}/file?path=/w/f`, undefined, { range: "bytes=1-2" });
      assert.deepEqual([part.status, part.text, part.headers["content-range"]], [206, "ne", "bytes 1-2/4"]);
      assert.equal((await ask("GET", `${place}/file?path=/w`)).status, 400);

      const written = JSON.parse((await ask("PUT", `${place}/file?path=/w/f`, "two\n")).text) as FileEntry;
      assert.deepEqual([written.size, written.mode.toString(8), written.uid, written.gid], [4, "4751", 12, 34]);
      await ask("PUT", `${place}/file?path=/w/l`, "three\n");
      assert.equal((await ask("GET", `${place}/file?path=/w/f`)).text, "three\n");
      assert.equal((await ask("PUT", `${place}/file?path=/w/new&create=0`, "x")).status, 404);
      await ask("PUT", `${place}/file?path=/w/vol/v`, "in the volume\n");
      assert.equal((await ask("GET", "volumes/ev/file?path=v")).text, "in the volume\n");

      assert.equal((await ask("POST", `${place}/mkdir?path=/w/a/b/c`)).status, 404);
      assert.equal((await ask("POST", `${place}/mkdir?path=/w/a/b/c&parents=1`)).status, 204);
      assert.equal((await ask("POST", `${place}/rename?from=/w/f&to=/w/a/moved`)).status, 204);
      assert.equal((await ask("POST", `${place}/rename?from=/w/a/moved&to=/w/sub`)).status, 409);
      assert.equal((await ask("DELETE", `${place}/file?path=/w/a`)).status, 409);
      assert.equal((await ask("DELETE", `${place}/file?path=/w/a&recursive=1`)).status, 204);
      assert.deepEqual(names(await list(place, "/w")), ["broken", "l", "sub", "vol"]);
      for (const path of ["/w/vol", "/w"]) {
        assert.equal((await ask("DELETE", `${place}/file?path=${path}&recursive=1`)).status, 409);
      }
      assert.equal((await ask("POST", `${place}/rename?from=/w&to=/x`)).status, 409);
      assert.equal((await ask("GET", "volumes/ev/file?path=v")).status, 200);
      if (state === "running") assert.equal(await lab().ok(["exec", box, "ls", "/w"]), "broken\nl\nsub\nvol\n");
      await lab().ok(["rm", "-f", box]);
      await lab().ok(["volume", "rm", "ev"]);
    });
  }

  it("of an image are looked at, and not changed", async () => {
    const found = await list("images/busybox", "/");
    assert.equal(found.writable, false);
    assert.ok(names(found)?.includes("bin"));
    assert.equal((await ask("PUT", "images/busybox/file?path=/x", "x")).status, 403);
    assert.ok(names(await list("images/docker.io/library/busybox:latest", "bin"))?.includes("sh"));
    assert.equal((await ask("GET", "images/nothing/files?path=/")).status, 404);
  });

  it("are quickly there: a folder is less work than thirty of the simplest requests", async () => {
    await lab().ok(["create", "--name", "quick", "busybox"]);
    await list("containers/quick", "/");
    const { pid } = await lab().status();
    const workOf = async (once: () => Promise<unknown>) => {
      const before = cpuMsOf(pid) ?? 0;
      for (let count = 0; count < 100; count++) await once();
      return (cpuMsOf(pid) ?? 0) - before;
    };
    const simplestMs = await workOf(() => ask("GET", "status"));
    const usedMs = await workOf(() => list("containers/quick", "/bin"));
    // Some ten times as much, whatever the machine.
    assert.ok(usedMs > 0 && usedMs < 30 * simplestMs, `${usedMs} ms, ${simplestMs} ms for the simplest requests`);
    await lab().ok(["rm", "quick"]);
  });

  it("of a container that swaps folders for links all the time never lead out", async () => {
    const script =
      "mkdir /s; echo inside > /s/hostname; touch /ready; while :; do mv /s /t; ln -s /../../../../../../etc /s; rm /s; mv /t /s; done";
    await lab().ok(["run", "-d", "--name", "swapper", "busybox", "sh", "-c", script]);
    while ((await lab().docker(["exec", "swapper", "test", "-e", "/ready"])).code !== 0);
    const id = (await lab().ok(["inspect", "-f", "{{.Config.Hostname}}", "swapper"])).trim();
    const seen = new Set<string>();
    for (let count = 0; count < 300; count++) {
      const { status, text } = await ask("GET", "containers/swapper/file?path=/s/hostname");
      if (status === 200) seen.add(text.trim());
      await ask("PUT", "containers/swapper/file?path=/s/drydock-swapped", "x");
    }
    for (const text of seen) assert.ok(["inside", id].includes(text), text);
    assert.equal((await lab().run("ls", ["/etc/drydock-swapped"])).code === 0, false);
    await lab().ok(["rm", "-f", "swapper"]);
  });

  it("go both ways by dockerode, as test libraries send them", async () => {
    const docker = new Docker({ socketPath: lab().socket });
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["cat", "/conf/app.txt"],
      name: "rode",
      User: "12:34",
    });
    const tar = pack();
    tar.entry({ name: "conf/app.txt", mode: 0o640 }, "from the test\n");
    tar.entry({ name: "conf/link", type: "symlink", linkname: "app.txt" });
    tar.finalize();
    await container.putArchive(tar as unknown as NodeJS.ReadableStream, { path: "/" });
    const out = await buffer(await container.getArchive({ path: "/conf/app.txt" }));
    assert.match(out.toString("latin1"), /^app\.txt\0[\s\S]*from the test\n/);
    const changes = await container.changes();
    assert.deepEqual(changes, [
      { Path: "/conf", Kind: 1 },
      { Path: "/conf/app.txt", Kind: 1 },
      { Path: "/conf/link", Kind: 1 },
    ]);
    const { Id } = (await container.commit({ repo: "rode", tag: "1", comment: "c" })) as { Id: string };
    assert.match(Id, /^sha256:/);
    await container.remove();
    await assert.rejects(docker.getVolume("none").inspect(), { statusCode: 404 });
  });
});
