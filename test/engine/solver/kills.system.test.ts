// The engine is killed at any moment of builds that pull, copy and run: afterwards the store has nothing wrong in it, and the
// next build is right. DRYDOCK_KILLS says how often, DRYDOCK_SEED which moments.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import type { EngineStatus } from "../../../engine/base/drydock-api.ts";
import { isIndex, isManifest } from "../../../engine/oci/documents.ts";
import { busyboxImage } from "../../support/base-images.ts";
import { ask, bundlePrograms, type CliLab, everyUser, openCliLab, type Programs } from "../../support/cli-lab.ts";
import { gone, logOf } from "../../support/docker-lab.ts";
import { imageBlobs, tarOf } from "../../support/image-blobs.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";

const kills = Number(process.env.DRYDOCK_KILLS ?? 60);
const bases = 10;

describe("an engine that is killed while it builds", () => {
  let registry: TestRegistry;
  let programs: Programs;
  before(async function () {
    this.timeout(120_000);
    registry = await startRegistry();
    programs = await bundlePrograms();
    await registry.push("library/busybox:latest", await busyboxImage());
    for (let base = 0; base < bases; base++) {
      const data = createHash("sha512").update(String(base)).digest("hex").repeat(8000);
      await registry.push(
        `library/data${base}:1`,
        imageBlobs({ layers: [await tarOf({ data, [`base${base}`]: "" })] }),
      );
    }
  });
  after(async () => {
    programs?.dispose();
    await registry?.stop();
  });

  for (const user of everyUser().slice(0, 1)) {
    describe(`as ${user.name}`, function () {
      this.timeout(Math.max(60_000, kills * 15_000));
      let lab: CliLab;
      before(async () => {
        lab = await openCliLab(user, programs, { registryMirrors: [registry.url] });
      });
      after(() => lab?.dispose());

      it(`keeps a store without a fault, ${kills} times`, async () => {
        const seed = Number(process.env.DRYDOCK_SEED ?? Date.now() % 1_000_000);
        const random = numbersFrom(seed);
        let [interrupted, finished] = [0, 0];
        let longestMs = 400;
        for (let round = 0; round < kills; round++) {
          const where = `round ${round} of seed ${seed}`;
          const { pid } = await start(lab);
          const version = Math.floor(random() * 4);
          lab.write(contextOf(version, round % bases));
          const began = performance.now();
          const build = buildOf(lab).catch(() => undefined);
          const moment = sleep(random() * longestMs * 1.1).then(() => undefined);
          const result = await Promise.race([build, moment]);
          if (result !== undefined) {
            finished += 1;
            longestMs = Math.min(longestMs, performance.now() - began) + 20;
            assert.equal(result.at(-1)?.type, "done", `${where}: ${JSON.stringify(result.at(-1))}`);
          } else interrupted += 1;
          process.kill(pid, "SIGKILL");
          await gone(pid);
          await build;
          verifyStore(lab.home, where);
          if (round % 6 === 5) await verifyResult(lab, version, round % bases, where);
        }
        assert.ok(
          interrupted > kills / 4,
          `only ${interrupted} of ${kills} builds were interrupted (${finished} finished)`,
        );
      });

      it("does a step of two builds once", async () => {
        await start(lab);
        lab.write({ "twice/Dockerfile": "FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /once && sleep 0.3\n" });
        const [one, other] = await Promise.all([buildOf(lab, "twice"), buildOf(lab, "twice")]);
        const ids = [one, other].map((events) =>
          events.flatMap((event) => (event.type === "done" ? [event.imageId] : [])),
        );
        assert.equal(ids[0]?.length, 1, JSON.stringify(one?.at(-1)));
        assert.deepEqual(ids[0], ids[1]);
      });
    });
  }
});

function contextOf(version: number, base: number): Record<string, string> {
  const files = Array.from({ length: 60 }, (_, at) => [
    `app/src/f${at}`,
    `file ${at} of ${at % 7 === 0 ? version : 0}\n`,
  ]);
  const dockerfile = `FROM data${base}:1 AS data
FROM busybox
WORKDIR /srv
COPY version .
RUN cat version > out && dd if=/dev/urandom of=/big bs=64k count=16 2>/dev/null
COPY --from=data /data /data
COPY src src
RUN cat src/* | md5sum > sum
`;
  return { "app/Dockerfile": dockerfile, "app/version": `${version}\n`, ...Object.fromEntries(files) };
}

async function start(lab: CliLab): Promise<EngineStatus> {
  const { code, stdout, stderr } = await lab.launch();
  assert.equal(code, 0, stderr + logOf(lab.home));
  return JSON.parse(stdout) as EngineStatus;
}

async function buildOf(lab: CliLab, folder = "app"): Promise<BuildEvent[]> {
  const request = { contextPath: path.join(lab.folder, folder), tags: [folder] };
  const { text } = await ask(lab.socket, "POST", "/drydock/build", request);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
}

/** A build that nobody disturbs, and what is in its image: cache hits that are wrong would be found here. */
async function verifyResult(lab: CliLab, version: number, base: number, where: string): Promise<void> {
  await start(lab);
  const last = (await buildOf(lab)).at(-1);
  assert.equal(last?.type, "done", `${where}: ${JSON.stringify(last)}`);
  const script = "cat version out; cat src/* | md5sum | cmp - sum && echo same; md5sum < /data; ls src | wc -l";
  const said = await lab.ok(["run", "--rm", "app", "sh", "-c", script]);
  const data = createHash("sha512").update(String(base)).digest("hex").repeat(8000);
  const md5 = createHash("md5").update(data).digest("hex");
  assert.equal(said, `${version}\n${version}\nsame\n${md5}  -\n60\n`, where);
}

/** Everything that is there is whole, and everything that is referred to is there. */
function verifyStore(home: string, where: string): void {
  const blobs = path.join(home, "blobs/sha256");
  const names = new Set(readdirSync(blobs));
  const digestOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  for (const name of names) assert.equal(digestOf(path.join(blobs, name)), name, `${where}: a blob is damaged`);
  const need = (digest: string, by: string) =>
    assert.ok(names.has(digest.slice(7)), `${where}: ${by} has no ${digest}`);

  const index: unknown = JSON.parse(readFileSync(path.join(home, "index.json"), "utf8"));
  assert.ok(isIndex(index));
  for (const { digest } of index.manifests) {
    need(digest, "index.json");
    const manifest: unknown = JSON.parse(readFileSync(path.join(blobs, digest.slice(7)), "utf8"));
    assert.ok(isManifest(manifest));
    for (const part of [manifest.config, ...manifest.layers]) need(part.digest, "an image");
  }
  for (const name of listing(path.join(home, "cache"))) {
    const record = JSON.parse(readFileSync(path.join(home, "cache", name), "utf8"));
    need(record.layer.descriptor.digest, "a cache record");
  }
  for (const name of listing(path.join(home, "builds")).filter((file) => file.endsWith(".json")))
    JSON.parse(readFileSync(path.join(home, "builds", name), "utf8"));

  // Unpacked layers of our own, whose tars are not compressed: all that the tar has is there.
  for (const name of listing(path.join(home, "layers")).filter((hex) => names.has(hex))) {
    const members = execFileSync("tar", ["-tf", path.join(blobs, name)], { encoding: "utf8" }).split("\n");
    for (const member of members.filter((entry) => entry !== "" && !entry.includes(".wh."))) {
      const file = path.join(home, "layers", name, member);
      assert.ok(lstatSync(file, { throwIfNoEntry: false }), `${where}: layer ${name} has no ${member}`);
    }
  }
}

function listing(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
