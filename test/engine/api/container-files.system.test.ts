import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describeWithDocker } from "../../support/docker-users.ts";

describeWithDocker("files of containers, by the real docker client", (lab) => {
  const here = (name: string) => path.join(lab().folder, name);
  const text = (name: string) => readFileSync(here(name), "utf8");

  for (const state of ["running", "stopped"] as const) {
    describe(`of a ${state} one`, () => {
      const box = `box-${state}`;
      before(async () => {
        const script =
          "[ -e /ready ] && exec sleep 600; mkdir -p /d/sub; echo a > /d/a; echo b > /d/sub/b; ln -s /d/a /link; ln -s d /dirlink; ln -s /no /broken";
        const mounts = ["-v", `vol-${state}:/d/vol`, "-v", `${lab().folder}/bind-${state}:/bound`, "--tmpfs", "/t"];
        await lab().ok([
          "run",
          "-d",
          "--name",
          box,
          ...mounts,
          "busybox",
          "sh",
          "-c",
          `${script}; echo v > /d/vol/v; touch /ready; sleep 600`,
        ]);
        while ((await lab().docker(["exec", box, "test", "-e", "/ready"])).code !== 0);
        if (state === "stopped") await lab().ok(["stop", "-t", "0", box]);
      });
      after(async () => {
        await lab().docker(["rm", "-f", box]);
        await lab().docker(["volume", "rm", `vol-${state}`]);
      });

      it("come out: files, folders, links, contents", async () => {
        const out = `out-${state}`;
        await lab().run("mkdir", [here(out)]);
        await lab().ok(["cp", `${box}:/d/a`, `${out}/a1`]);
        assert.equal(text(`${out}/a1`), "a\n");
        await lab().ok(["cp", `${box}:/d`, `${out}/copy`]);
        assert.equal(text(`${out}/copy/sub/b`), "b\n");
        assert.equal(text(`${out}/copy/vol/v`), "v\n");
        await lab().ok(["cp", `${box}:/d/.`, `${out}/.`]);
        assert.equal(text(`${out}/sub/b`), "b\n");
        await lab().ok(["cp", `${box}:/link`, out]);
        assert.equal(readlinkSync(here(`${out}/link`)), "/d/a");
        await lab().ok(["cp", "-L", `${box}:/link`, `${out}/followed`]);
        assert.equal(text(`${out}/followed`), "a\n");
        await lab().ok(["cp", `${box}:/dirlink/`, `${out}/through`]);
        assert.equal(text(`${out}/through/a`), "a\n");
        const missing = await lab().docker(["cp", `${box}:/nothing`, out]);
        assert.match(missing.stderr, /Could not find the file \/nothing in container/);
        const tar = await lab().run("sh", ["-c", `docker cp ${box}:/d - | tar tf - | sort`]);
        assert.equal(tar.stdout, "d/\nd/a\nd/sub/\nd/sub/b\nd/vol/\nd/vol/v\n");
      });

      it("go in: files, folders, links, into volumes and binds", async () => {
        lab().write({ "in/x": "x\n", "in/y/z": "z\n" });
        if (!existsSync(here("in/l"))) symlinkSync("x", here("in/l"));
        await lab().ok(["cp", "in/x", `${box}:/d/new`]);
        await lab().ok(["cp", "in", `${box}:/d/`]);
        await lab().ok(["cp", "in/x", `${box}:/d/vol/inside`]);
        await lab().ok(["cp", "in/.", `${box}:/dirlink/more`]);
        await lab().ok(["cp", "in/x", `${box}:/bound/x`]);
        await lab().ok(["cp", "in/x", `${box}:/link`]);
        assert.equal(text(`bind-${state}/x`), "x\n");
        await lab().run("sh", [
          "-c",
          `tar cf - -C ${here("in")} . | docker cp - ${box}:/d/tarred 2>&1 || docker cp ${box}:/d/sub - | docker cp - ${box}:/tmp`,
        ]);
        if (state === "stopped") await lab().ok(["start", box]);
        const look = "cat /d/new /d/in/y/z /d/vol/inside /d/more/y/z /d/a; readlink /d/in/l; cat /tmp/sub/b";
        assert.equal(await lab().ok(["exec", box, "sh", "-c", look]), "x\nz\nx\nz\nx\nx\nb\n");
        if (state === "running") {
          await lab().ok(["cp", "in/x", `${box}:/t/x`]);
          assert.equal(await lab().ok(["exec", box, "cat", "/t/x"]), "x\n");
          await lab().ok(["cp", "in/x", `${box}:/etc/hosts`]);
          assert.equal(await lab().ok(["exec", box, "cat", "/etc/hosts"]), "x\n");
          assert.match(await lab().ok(["exec", box, "mount"]), / \/etc\/hosts /);
        }
        const inTheWay = await lab().docker(["cp", "in/x", `${box}:/d/missing/x`]);
        assert.match(inTheWay.stderr, /Could not find the file \/d\/missing in container|no such directory/);
      });
    });
  }

  it("are not written where they are read only", async () => {
    lab().write({ x: "x\n" });
    await lab().ok([
      "run",
      "-d",
      "--name",
      "ro",
      "--read-only",
      "-v",
      "rw:/rw",
      "-v",
      "rov:/ro:ro",
      "busybox",
      "sleep",
      "600",
    ]);
    for (const after of ["running", "stopped"]) {
      assert.match((await lab().docker(["cp", "x", "ro:/x"])).stderr, /container rootfs is marked read-only/);
      assert.match((await lab().docker(["cp", "x", "ro:/ro/x"])).stderr, /read-only/);
      await lab().ok(["cp", "x", "ro:/rw/x"]);
      if (after === "running") await lab().ok(["stop", "-t", "0", "ro"]);
    }
    await lab().ok(["rm", "-f", "ro"]);
    await lab().ok(["volume", "rm", "rw", "rov"]);
  });

  it("that a hostile container makes links of lead nowhere but into it", async () => {
    const script = "rm -rf /tmp; ln -s /../../../../etc /tmp; ln -s /proc/1/root/etc /proc-link; sleep 600";
    await lab().ok(["run", "-d", "--name", "hostile", "busybox", "sh", "-c", script]);
    lab().write({ evil: "evil\n" });
    while ((await lab().docker(["exec", "hostile", "test", "-L", "/proc-link"])).code !== 0);
    await lab().ok(["cp", "evil", "hostile:/tmp/drydock-evil"]);
    assert.equal(existsSync("/etc/drydock-evil"), false);
    assert.equal(await lab().ok(["exec", "hostile", "cat", "/etc/drydock-evil"]), "evil\n");
    await lab().ok(["rm", "-f", "hostile"]);
  });

  it("of hostile archives are refused", async () => {
    await lab().ok(["create", "--name", "target", "busybox"]);
    const send = (args: readonly string[]) =>
      lab().run("sh", ["-c", `tar ${args.join(" ")} | docker cp - target:/home`]);
    lab().write({ "arc/f": "f\n" });
    const refused = await send(["-C", here("arc"), "-cPf", "-", "--transform", "'s,^f$,../../up,'", "f"]);
    assert.match(refused.stderr, /leads out of the folder/);
    const device = await send(["-C", "/dev", "-cf", "-", "null"]);
    assert.match(device.stderr, /is a device/);
    assert.match((await lab().run("sh", ["-c", "echo nonsense | docker cp - target:/home"])).stderr, /archive/);
    assert.equal((await send(["-C", here("arc"), "-cPf", "-", "--transform", "'s,^f$,/home/abs,'", "f"])).code, 0);
    await lab().ok(["cp", "target:/home", "hostile-out"]);
    assert.equal(text("hostile-out/home/abs"), "f\n");
    await lab().ok(["rm", "target"]);
  });

  it("are exported, compared with the image, and made an image of", async () => {
    const script =
      "echo new > /new; rm /bin/ls; mkdir -p /q/w; chmod 700 /home; echo hi > /v/inside; rm -rf /usr; mkdir /usr";
    await lab().ok(["run", "--name", "changed", "-v", "cv:/v", "busybox", "sh", "-c", script]);
    const diff = await lab().ok(["diff", "changed"]);
    assert.deepEqual(
      diff
        .trim()
        .split("\n")
        .filter((line) => !/\/usr/.test(line)),
      ["C /bin", "D /bin/ls", "C /home", "A /new", "A /q", "A /q/w"],
    );
    const names = await lab().run("sh", ["-c", "docker export changed | tar tf -"]);
    assert.match(names.stdout, /^new$/m);
    assert.match(names.stdout, /^q\/w\/$/m);
    assert.doesNotMatch(names.stdout, /^\.\/|^bin\/ls$|inside/m);
    const changes = [
      "-c",
      'CMD ["cat","/new"]',
      "-c",
      "ENV A=b PATH=/x:$PATH",
      "-c",
      "LABEL l=m",
      "-c",
      "EXPOSE 80",
      "-c",
      "WORKDIR /q",
    ];
    const id = (await lab().ok(["commit", "-a", "me", "-m", "words", ...changes, "changed", "made:1"])).trim();
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await lab().ok(["run", "--rm", "made:1"]), "new\n");
    assert.equal(
      await lab().ok([
        "run",
        "--rm",
        "made:1",
        "sh",
        "-c",
        "pwd; echo $A $PATH; [ -e /bin/ls ] || echo gone; stat -c %a /home",
      ]),
      "/q\nb /x:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\ngone\n700\n",
    );
    assert.match(await lab().ok(["history", "--no-trunc", "made:1"]), /sh -c echo new.*words/);
    lab().write({ "on/Dockerfile": "FROM made:1\nRUN cat /new > /again\n" });
    await lab().ok(["build", "-t", "on-it", "on"]);
    assert.match((await lab().docker(["commit", "-c", "RUN x", "changed"])).stderr, /RUN x/);
    await lab().ok(["rm", "-v", "changed"]);
  });

  it("are committed while it runs", async () => {
    await lab().ok(["run", "-d", "--name", "busy", "busybox", "sh", "-c", "echo 1 > /one; touch /ready; sleep 600"]);
    while ((await lab().docker(["exec", "busy", "test", "-e", "/ready"])).code !== 0);
    assert.equal(await lab().ok(["diff", "busy"]), "A /one\nA /ready\n");
    await lab().ok(["commit", "busy", "busy:1"]);
    assert.equal(
      await lab().ok(["run", "--rm", "busy:1", "sh", "-c", "cat /one; ls -A /etc/hosts"]),
      "1\n/etc/hosts\n",
    );
    assert.equal(await lab().ok(["exec", "busy", "echo", "alive"]), "alive\n");
    await lab().ok(["rm", "-f", "busy"]);
  });

  it("stream without filling memory or the disk", async () => {
    await lab().ok([
      "run",
      "-d",
      "--name",
      "large",
      "busybox",
      "sh",
      "-c",
      "dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null; touch /ready; sleep 600",
    ]);
    while ((await lab().docker(["exec", "large", "test", "-e", "/ready"])).code !== 0);
    const { pid } = await lab().status();
    const count = await lab().run("sh", [
      "-c",
      "docker cp large:/big - | wc -c; docker cp large:/big - | docker cp - large:/home",
    ]);
    assert.ok(Number(count.stdout) > 200 * 1024 * 1024);
    assert.equal(await lab().ok(["exec", "large", "stat", "-c", "%s", "/home/big"]), `${200 * 1024 * 1024}\n`);
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    assert.ok(peak < 400 * 1024, `${peak} kB`);
    await lab().ok(["rm", "-f", "large"]);
  });

  it("leave no mount behind", async () => {
    const { pid } = await lab().status();
    // Roots are kept a moment for the next question.
    const mounts = () =>
      execFileSync("cat", [`/proc/${pid}/mountinfo`], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(` ${lab().home}/`) && line.includes("/merged "));
    while (mounts().length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  });
});
