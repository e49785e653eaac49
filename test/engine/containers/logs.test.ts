import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  decodeRecord,
  encodeRecord,
  formatTimeNs,
  increasingClock,
  parseTimeNs,
  RecordSplitter,
} from "../../../engine/containers/log-format.ts";
import { readLog } from "../../../engine/containers/log-reader.ts";
import { LogWriter } from "../../../engine/containers/monitor/log-writer.ts";
import type { LogOptions } from "../../../engine/containers/types.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

const both = { stdout: true, stderr: true, follow: false };

describe("containers: log format", () => {
  it("is Docker's json-file format", () => {
    const time = 1_700_000_000_000_000_001n;
    const text = encodeRecord("stderr", Buffer.from('say "hé"\n'), time);
    assert.equal(text, '{"log":"say \\"hé\\"\\n","stream":"stderr","time":"2023-11-14T22:13:20.000000001Z"}\n');
    assert.deepEqual(decodeRecord(text), { stream: "stderr", timeNs: time, data: Buffer.from('say "hé"\n') });
  });

  it("reads times with any number of digits and a zone", () => {
    assert.equal(parseTimeNs("1970-01-01T00:00:01Z"), 1_000_000_000n);
    assert.equal(parseTimeNs("1970-01-01T00:00:01.5Z"), 1_500_000_000n);
    assert.equal(parseTimeNs("1970-01-01T01:00:00.000000001+01:00"), 1n);
    assert.equal(parseTimeNs("yesterday"), undefined);
    assert.equal(formatTimeNs(1n), "1970-01-01T00:00:00.000000001Z");
  });

  it("takes damaged records for none", () => {
    for (const text of ["", "{", "null", "[]", '{"log":1}', '{"log":"x","time":"?"}']) {
      assert.equal(decodeRecord(text), undefined);
    }
  });

  it("reads every record back, whatever is in it", () => {
    for (const text of [
      "n",
      "\\n",
      "\\",
      '"',
      "a\\\n",
      "\n",
      "",
      "tab\tend\n",
      'x","stream":"stderr","time":"',
      "é\u2028\n",
    ]) {
      const line = decodeRecord(encodeRecord("stdout", Buffer.from(text), 1n));
      assert.deepEqual([line?.stream, Buffer.from(line?.data ?? []).toString()], ["stdout", text]);
    }
    const foreign = '{"log":"a\\n","attrs":{"x":"y"},"stream":"stderr","time":"2023-11-14T22:13:20.000000001Z"}';
    assert.equal(Buffer.from(decodeRecord(foreign)?.data ?? []).toString(), "a\n");
  });

  it("cuts at newlines and inside long lines, never inside a character", () => {
    const splitter = new RecordSplitter();
    const texts = (chunk: string) => splitter.push(Buffer.from(chunk)).map(String);
    assert.deepEqual(texts("a\nb"), ["a\n"]);
    assert.deepEqual(texts("c\n\n"), ["bc\n", "\n"]);
    assert.equal(splitter.end(), undefined);
    const long = "é".repeat(20_000);
    const pieces = [...texts(`x${long}`), String(splitter.end())];
    assert.equal(pieces.join(""), `x${long}`);
    assert.ok(pieces.length > 2 && pieces.every((piece) => Buffer.byteLength(piece) <= 16 * 1024));
  });

  it("has a clock that only grows", () => {
    const now = increasingClock();
    let last = 0n;
    for (let i = 0; i < 10_000; i += 1) {
      const time = now();
      assert.ok(time > last);
      last = time;
    }
    assert.ok(Math.abs(Number(last / 1_000_000n) - Date.now()) < 5000);
  });
});

describe("containers: log reader", () => {
  let dir: string;
  let file: string;
  before(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), "drydock-log-"));
    file = path.join(dir, "log");
    let text = "";
    for (let i = 0; i < 50_000; i += 1) text += record(i);
    writeFileSync(file, text);
  });
  after(() => rmSync(dir, { recursive: true }));

  const record = (i: number) => encodeRecord(i % 10 === 3 ? "stderr" : "stdout", Buffer.from(`line ${i}\n`), at(i));
  const at = (i: number) => BigInt(i + 1) * 1000n;
  const read = async (options: Partial<LogOptions>, name = file) => {
    const lines: string[] = [];
    for await (const { data } of readLog(name, { ...both, ...options }))
      lines.push(Buffer.from(data).toString().trim());
    return lines;
  };

  it("reads everything, or one stream", async () => {
    assert.equal((await read({})).length, 50_000);
    assert.equal((await read({ stdout: false })).length, 5_000);
  });

  it("finds the last lines from the end, of the streams that are wanted", async () => {
    assert.deepEqual(await read({ tail: 3 }), ["line 49997", "line 49998", "line 49999"]);
    assert.deepEqual(await read({ tail: 2, stdout: false }), ["line 49983", "line 49993"]);
    assert.equal((await read({ tail: 20_000 })).length, 20_000);
    assert.equal((await read({ tail: 90_000 })).length, 50_000);
    assert.deepEqual(await read({ tail: 0 }), []);
  });

  it("reads between two times", async () => {
    assert.deepEqual(await read({ sinceNs: at(49_998) }), ["line 49998", "line 49999"]);
    assert.deepEqual(await read({ sinceNs: at(10), untilNs: at(12) }), ["line 10", "line 11", "line 12"]);
    assert.deepEqual(await read({ sinceNs: at(60_000) }), []);
    assert.deepEqual(await read({ tail: 1, sinceNs: at(3) }), ["line 49999"]);
  });

  it("a file without records, or no file, has no lines", async () => {
    writeFileSync(path.join(dir, "empty"), "");
    assert.deepEqual(await read({}, path.join(dir, "empty")), []);
    assert.deepEqual(await read({ tail: 5 }, path.join(dir, "empty")), []);
    assert.deepEqual(await read({ follow: true }, path.join(dir, "missing")), []);
  });

  it("follows what is appended, also in pieces, and ends behind the writer's last word", async () => {
    const name = path.join(dir, "live");
    writeFileSync(name, record(0));
    let end = () => {};
    const onEnd = (ended: () => void) => {
      end = ended;
      return () => {};
    };
    const lines: string[] = [];
    for await (const { data } of readLog(name, { ...both, follow: true }, onEnd)) {
      lines.push(Buffer.from(data).toString().trim());
      if (lines.length === 1) {
        const text = record(1);
        appendFileSync(name, text.slice(0, 20));
        setImmediate(() => appendFileSync(name, text.slice(20)));
      }
      if (lines.length === 2) {
        end();
        appendFileSync(name, record(2));
      }
    }
    assert.deepEqual(lines, ["line 0", "line 1", "line 2"]);
  });

  it("stops following when told to", async () => {
    const abort = new AbortController();
    const options = { ...both, follow: true, tail: 1, signal: abort.signal };
    let lines = 0;
    for await (const _ of readLog(file, options, () => () => {})) {
      lines += 1;
      setImmediate(() => abort.abort());
    }
    assert.equal(lines, 1);
  });

  it("a writer begins a new line behind a torn one", async () => {
    const name = path.join(dir, "torn");
    writeFileSync(name, `${record(0)}{"log":"to`);
    const writer = new LogWriter(name);
    writer.write("stdout", Buffer.from("after\nrest"));
    writer.close();
    assert.deepEqual(await read({}, name), ["line 0", "after", "rest"]);
    assert.deepEqual(await read({ tail: 3 }, name), ["line 0", "after", "rest"]);
  });

  it("finds the last lines and a time in a gigabyte without reading it", async function () {
    this.timeout(60_000);
    const name = path.join(dir, "large");
    const part = Array.from({ length: 20_000 }, (_, i) => record(i)).join("");
    writeFileSync(name, part);
    // A hole in the middle: what is searched from both ends must not need it.
    const fd = openSync(name, "r+");
    const last = Array.from({ length: 20 }, (_, i) => record(1_000_000 + i)).join("");
    writeSync(fd, last, 1e9);
    closeSync(fd);
    const begin = ownCpuMs();
    assert.deepEqual((await read({ tail: 2 }, name)).length, 2);
    assert.ok(ownCpuMs() - begin < 500);
  });

  it("is rotated by size; tail, since and until are right across the files", async () => {
    const name = path.join(dir, "rotated");
    const writer = new LogWriter(name, { maxSizeBytes: 4000, maxFiles: 4 });
    const times: bigint[] = [];
    for (let i = 0; i < 400; i += 1) writer.write("stdout", Buffer.from(`line ${i}\n`));
    writer.close();
    assert.deepEqual(
      readdirSync(dir)
        .filter((file) => file.startsWith("rotated"))
        .sort(),
      ["rotated", "rotated.1", "rotated.2", "rotated.3"],
    );
    const all = await read({}, name);
    assert.equal(all.at(-1), "line 399");
    assert.deepEqual(
      all,
      all.map((_, index) => `line ${400 - all.length + index}`),
    );
    assert.ok(all.length > 3 * (4000 / 90) && all.length < 400, `${all.length}`);
    for await (const { timeNs } of readLog(name, both)) times.push(timeNs);
    for (const count of [1, 30, 50, all.length, 500]) {
      assert.deepEqual(await read({ tail: count }, name), all.slice(-count));
    }
    for (const index of [0, 10, 40, 80, all.length - 1]) {
      assert.deepEqual(await read({ sinceNs: times[index] ?? 0n }, name), all.slice(index));
      assert.deepEqual(await read({ untilNs: times[index] ?? 0n }, name), all.slice(0, index + 1));
      assert.deepEqual(
        await read({ sinceNs: times[index] ?? 0n, tail: 3 }, name),
        all.slice(Math.max(index, all.length - 3)),
      );
    }
  });

  it("with one file begins anew when it is full", async () => {
    const name = path.join(dir, "single");
    const writer = new LogWriter(name, { maxSizeBytes: 1000 });
    for (let i = 0; i < 100; i += 1) writer.write("stdout", Buffer.from(`line ${i}\n`));
    writer.close();
    assert.equal((await read({}, name)).at(-1), "line 99");
    assert.ok(statSync(name).size < 1100);
    assert.ok(!existsSync(`${name}.1`));
  });

  it("a reader that follows misses no line when the log is rotated under it", async () => {
    const name = path.join(dir, "following");
    const writer = new LogWriter(name, { maxSizeBytes: 20_000, maxFiles: 3 });
    writer.write("stdout", Buffer.from("line 0\n"));
    let ended = () => {};
    const onEnd = (end: () => void) => {
      ended = end;
      return () => {};
    };
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { data } of readLog(name, { ...both, follow: true }, onEnd))
        seen.push(Buffer.from(data).toString().trim());
    })();
    const count = 5000;
    for (let i = 1; i < count; i += 1) {
      writer.write("stdout", Buffer.from(`line ${i}\n`));
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      // A reader may be slow, but not by more than the files that are kept.
      while (i - seen.length > 300) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    writer.close();
    ended();
    await reading;
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => `line ${i}`),
    );
  });

  it("a full disk drops records and says so; what comes later is read again", async () => {
    const complaints: string[] = [];
    const { error } = console;
    console.error = (text: string) => void complaints.push(text);
    try {
      const writer = new LogWriter("/dev/full");
      writer.write("stdout", Buffer.from("a\nb\n"));
      writer.write("stdout", Buffer.from("c\n"));
      writer.close();
    } finally {
      console.error = error;
    }
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? "", /ENOSPC/);
  });
});
