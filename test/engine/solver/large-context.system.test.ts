import assert from "node:assert/strict";
import { createWriteStream, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

const megabyte = 1024 * 1024;

/** How much more memory is in use at the worst moment of some work than before it. */
async function peakOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  await work();
  clearInterval(timer);
  return (peak - before) / megabyte;
}

describe("large contexts", () => {
  let engine: TestEngine;
  let context: ReturnType<typeof makeFolder>;
  beforeEach(async () => {
    engine = await makeEngine();
    context = makeFolder({ Dockerfile: "FROM scratch\nCOPY . /\n" });
  });
  afterEach(async function () {
    // Removing many files takes long on a slow disk.
    this.timeout(120_000);
    context.dispose();
    engine.dispose();
  });

  const build = async (dockerfileText: string): Promise<void> => {
    const { failure } = await engine.build(context.path, { dockerfileText });
    assert.equal(failure, undefined, failure?.error.message);
  };

  it("are streamed: a file of 256 MB takes no memory, nor does one that is unpacked", async () => {
    writeFileSync(path.join(context.path, "large"), "");
    truncateSync(path.join(context.path, "large"), 256 * megabyte);
    assert.ok((await peakOf(() => build("FROM scratch\nCOPY large /\n"))) < 100);

    // A tar with one member of 256 MB of zeros, compressed to nothing.
    const header = Buffer.alloc(512);
    header.write("zeros", 0);
    header.write("0000644\0", 100);
    header.write(`${(256 * megabyte).toString(8).padStart(11, "0")}\0`, 124);
    header.write("ustar\u000000", 257, "latin1");
    header.fill(0x20, 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    const zeros = Buffer.alloc(megabyte);
    const parts = function* () {
      yield header;
      for (let count = 0; count < 256; count += 1) yield zeros;
      yield zeros.subarray(0, 1024);
    };
    await pipeline(
      Readable.from(parts()),
      createGzip({ level: 1 }),
      createWriteStream(path.join(context.path, "bomb.gz")),
    );
    assert.ok((await peakOf(() => build("FROM scratch\nADD bomb.gz /d/\n"))) < 100);
  }).timeout(120_000);

  it("of 5,000 files take little for each", async () => {
    for (let folder = 0; folder < 50; folder += 1) {
      const place = path.join(context.path, `packages/package-${folder}/lib`);
      mkdirSync(place, { recursive: true });
      for (let file = 0; file < 100; file += 1)
        writeFileSync(path.join(place, `module-${file}.js`), `${folder} ${file}`);
    }
    assert.ok((await peakOf(() => build("FROM scratch\nCOPY . /\n"))) < 120);
    assert.ok((await peakOf(() => build("FROM scratch\nCOPY . /\n"))) < 60);
  }).timeout(120_000);
});
