import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { gone } from "../../support/docker-lab.ts";
import { describeWithDocker } from "../../support/docker-users.ts";

describeWithDocker("volumes, by the real docker client", (lab) => {
  it("are made, listed, inspected and removed", async () => {
    assert.equal(await lab().ok(["volume", "create", "--label", "a=b", "data"]), "data\n");
    assert.equal(await lab().ok(["volume", "create", "data"]), "data\n");
    assert.equal(await lab().ok(["volume", "ls", "-q", "--filter", "label=a"]), "data\n");
    assert.equal(
      await lab().ok(["volume", "inspect", "-f", "{{.Driver}} {{.Scope}} {{.Labels.a}}", "data"]),
      "local local b\n",
    );
    assert.equal(await lab().ok(["volume", "rm", "data"]), "data\n");
    assert.match((await lab().docker(["volume", "rm", "data"])).stderr, /no such volume/);
    await lab().ok(["volume", "rm", "-f", "data"]);
    assert.match((await lab().docker(["volume", "create", "a/b"])).stderr, /is not a name for a volume/);
    assert.match((await lab().docker(["volume", "create", "-d", "nfs", "x1"])).stderr, /volume driver "nfs" not found/);
  });

  it("outlive containers, and tell who uses them", async () => {
    await lab().ok(["run", "--rm", "-v", "store:/s", "busybox", "sh", "-c", "echo kept > /s/f; chown 1000:1000 /s/f"]);
    assert.equal(
      await lab().ok(["run", "--name", "user", "-v", "store:/s:ro", "busybox", "stat", "-c", "%u", "/s/f"]),
      "1000\n",
    );
    const used = await lab().docker(["volume", "rm", "store"]);
    assert.match(used.stderr, /volume is in use by container user/);
    assert.notEqual((await lab().docker(["run", "--rm", "-v", "store:/s:ro", "busybox", "touch", "/s/x"])).code, 0);
    await lab().ok(["rm", "user"]);
    await lab().ok(["volume", "rm", "store"]);
    assert.equal(existsSync(path.join(lab().home, "volumes", "store")), false);
  });

  it("get what the image has there, with owners, modes and links", async () => {
    lab().write({
      "seed/Dockerfile":
        "FROM busybox\nRUN mkdir /seed && echo 1 > /seed/a && chown 7:8 /seed/a && ln /seed/a /seed/b && ln -s a /seed/c && chmod 2750 /seed && chown 5 /seed\nVOLUME /seed\n",
    });
    await lab().ok(["build", "-t", "seed", "seed"]);
    const look = "stat -c '%n %u:%g %a %h' /seed /seed/a; readlink /seed/c";
    const expected = "/seed 5:0 2750 2\n/seed/a 7:8 644 2\na\n";
    assert.equal(await lab().ok(["run", "--rm", "-v", "filled:/seed", "busybox", "ls", "/seed"]), "");
    assert.equal(await lab().ok(["run", "--rm", "-v", "filled2:/seed", "seed", "sh", "-c", look]), expected);
    assert.equal(await lab().ok(["run", "--rm", "seed", "sh", "-c", look]), expected);
    assert.equal(await lab().ok(["run", "--rm", "-v", "none:/seed:nocopy", "seed", "ls", "/seed"]), "");
    assert.equal(await lab().ok(["volume", "ls", "-q"]), "filled\nfilled2\nnone\n");
    await lab().ok(["volume", "rm", "filled", "filled2", "none"]);
  });

  it("of a container's own go with rm -v, and with prune", async () => {
    await lab().ok(["create", "--name", "one", "seed"]);
    await lab().ok(["create", "--name", "two", "-v", "/x", "busybox"]);
    assert.equal((await lab().ok(["volume", "ls", "-q"])).trim().split("\n").length, 2);
    await lab().ok(["rm", "-v", "one"]);
    await lab().ok(["rm", "two"]);
    assert.equal((await lab().ok(["volume", "ls", "-q", "--filter", "dangling=true"])).trim().split("\n").length, 1);
    await lab().ok(["volume", "create", "named"]);
    assert.match(await lab().ok(["volume", "prune", "-f"]), /Deleted Volumes:\n[0-9a-f]{64}\n/);
    assert.equal(await lab().ok(["volume", "ls", "-q"]), "named\n");
    assert.match(await lab().ok(["volume", "prune", "-af"]), /Deleted Volumes:\nnamed\n/);
    assert.deepEqual(readdirSync(path.join(lab().home, "volumes")), []);
  });

  it("of other containers are mounted as well", async () => {
    await lab().ok(["create", "--name", "holder", "-v", "shared:/s", "-v", "/own", "busybox"]);
    assert.equal(
      await lab().ok(["run", "--rm", "--volumes-from", "holder", "busybox", "sh", "-c", "echo x > /s/f; ls -d /own"]),
      "/own\n",
    );
    const readOnly = await lab().docker(["run", "--rm", "--volumes-from", "holder:ro", "busybox", "touch", "/s/g"]);
    assert.match(readOnly.stderr, /Read-only file system/);
    assert.match(await lab().ok(["system", "df", "-v"]), /^shared +1 +2B$/m);
    await lab().ok(["rm", "-v", "holder"]);
    assert.equal(await lab().ok(["volume", "ls", "-q"]), "shared\n");
    await lab().ok(["volume", "rm", "shared"]);
  });

  it("can be folders of this machine, memory, and parts", async () => {
    lab().write({ "folder/sub/f": "here\n" });
    const device = path.join(lab().folder, "folder");
    await lab().ok(["volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", `device=${device}`, "bound"]);
    await lab().ok([
      "volume",
      "create",
      "--opt",
      "type=tmpfs",
      "--opt",
      "device=tmpfs",
      "--opt",
      "o=size=1m",
      "memory",
    ]);
    assert.equal(await lab().ok(["run", "--rm", "-v", "bound:/b", "busybox", "cat", "/b/sub/f"]), "here\n");
    assert.match(await lab().ok(["run", "--rm", "-v", "memory:/m", "busybox", "df", "/m"]), /tmpfs +1024 /);
    const part = "type=volume,source=bound,target=/p,volume-subpath=sub";
    assert.equal(await lab().ok(["run", "--rm", "--mount", part, "busybox", "cat", "/p/f"]), "here\n");
    const outside = "type=volume,source=bound,target=/p,volume-subpath=missing";
    assert.match(
      (await lab().docker(["run", "--rm", "--mount", outside, "busybox", "true"])).stderr,
      /no folder or file missing/,
    );
    await lab().ok(["volume", "create", "--opt", "type=odd", "--opt", "device=/x", "odd"]);
    assert.match(
      (await lab().docker(["run", "--rm", "-v", "odd:/o", "busybox", "true"])).stderr,
      /volume odd cannot be mounted \(odd\)/,
    );
    await lab().ok(["volume", "rm", "bound", "memory", "odd"]);
    assert.equal(await lab().ok(["volume", "ls", "-q"]), "");
    assert.equal(existsSync(path.join(device, "sub", "f")), true);
  });

  it("are refused where they cannot be", async () => {
    const fails = async (args: readonly string[], words: RegExp) => {
      const { code, stderr } = await lab().docker(["create", ...args, "busybox"]);
      assert.notEqual(code, 0);
      assert.match(stderr, words);
    };
    await fails(["-v", "a1:/x", "-v", "b1:/x"], /Duplicate mount point: \/x/);
    await fails(["-v", "a1:/"], /invalid volume specification: 'a1:\/'/);
    await fails(["--mount", "type=bind,source=/no/such,target=/x"], /bind source path does not exist: \/no\/such/);
    await fails(["--mount", "type=volume,source=v1,target=x"], /must be absolute/);
    await fails(["--volumes-from", "nobody"], /No such container: nobody/);
    assert.equal(await lab().ok(["volume", "ls", "-q"]), "");
  });

  it("lie over each other, outer ones first", async () => {
    const mounts = ["-v", "inner:/a/b", "-v", "outer:/a", "--tmpfs", "/a/b/c"];
    const look = "mkdir -p /a/b/d; mount | grep -c ' /a'; ls /a /a/b";
    assert.equal(await lab().ok(["run", "--rm", ...mounts, "busybox", "sh", "-c", look]), "3\n/a:\nb\n\n/a/b:\nc\nd\n");
    await lab().ok(["volume", "rm", "inner", "outer"]);
  });

  it("are told about", async () => {
    const since = String(Math.floor(Date.now() / 1000) - 1);
    await lab().ok(["run", "--rm", "-v", "/own", "busybox", "true"]);
    const until = String(Math.ceil(Date.now() / 1000) + 1);
    const args = ["events", "--since", since, "--until", until, "--filter", "type=volume", "--format", "{{.Action}}"];
    assert.match(await lab().ok(args), /create\nmount\nunmount\ndestroy\n$/);
  });

  it("are there when the engine was killed", async () => {
    await lab().ok([
      "run",
      "-d",
      "--name",
      "survivor",
      "-v",
      "kept:/k",
      "busybox",
      "sh",
      "-c",
      "echo 1 > /k/f; sleep 600",
    ]);
    await lab().ok(["exec", "survivor", "sh", "-c", "until [ -s /k/f ]; do sleep 0.1; done"]);
    const { pid } = await lab().status();
    process.kill(pid, "SIGKILL");
    await gone(pid);
    await lab().launch();
    assert.match((await lab().docker(["volume", "rm", "kept"])).stderr, /in use by container survivor/);
    assert.equal(await lab().ok(["exec", "survivor", "cat", "/k/f"]), "1\n");
    await lab().ok(["rm", "-f", "survivor"]);
    await lab().ok(["volume", "rm", "kept"]);
  });
});
