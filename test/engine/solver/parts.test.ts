import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { LineSplitter, maskable } from "../../../engine/solver/lines.ts";
import { parseChmod } from "../../../engine/solver/mode.ts";
import { SharedWork } from "../../../engine/solver/shared-work.ts";
import { noteStubs } from "../../../engine/solver/stubs.ts";
import { makeFolder } from "../../support/files.ts";

describe("--chmod", () => {
  const cases: readonly (readonly [string, number, boolean, number])[] = [
    ["644", 0o755, false, 0o644],
    ["4755", 0o644, false, 0o4755],
    ["0", 0o644, false, 0],
    ["+x", 0o644, false, 0o755],
    ["a-w", 0o666, false, 0o444],
    ["u=rwX,go=rX", 0o600, false, 0o644],
    ["u=rwX,go=rX", 0o700, false, 0o755],
    ["u=rwX,go=rX", 0o600, true, 0o755],
    ["g=u", 0o640, false, 0o660],
    ["o=g-w", 0o760, false, 0o764],
    ["u+s,g+s,+t", 0o755, false, 0o7755],
    ["u=", 0o4755, false, 0o055],
    ["g=rx", 0o2770, true, 0o2750],
  ];
  for (const [text, mode, isFolder, result] of cases) {
    it(`${text} of ${mode.toString(8)}${isFolder ? "/" : ""} is ${result.toString(8)}`, () => {
      assert.equal(parseChmod(text).apply(mode, isFolder).toString(8), result.toString(8));
    });
  }
  for (const text of ["8", "77777", "u", "u=rq", "rwx", "", "u=r,,g=w"]) {
    it(`refuses "${text}"`, () => assert.throws(() => parseChmod(text), /invalid chmod/));
  }
});

describe("lines of output", () => {
  function split(...chunks: readonly (string | Buffer)[]): string[] {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const chunk of chunks) splitter.write(Buffer.from(chunk as string));
    splitter.end();
    return lines;
  }
  it("are put together from pieces, also in the middle of a character", () => {
    const bytes = Buffer.from("a\nbü\r\nc");
    assert.deepEqual(split(bytes.subarray(0, 4), bytes.subarray(4)), ["a", "bü", "c"]);
    assert.deepEqual(split("\n\n"), ["", ""]);
    assert.deepEqual(split(), []);
  });
  it("have a limit", () =>
    assert.deepEqual(
      split("x".repeat(100_000)).map((line) => line.length),
      [65536, 34464],
    ));

  it("hide secrets, also in pieces, in several lines and in a line without end", () => {
    const seen: string[] = [];
    const secrets = maskable(Buffer.from("-----BEGIN-----\nabcdefgh\nijklmnop\n-----END-----\n"));
    const splitter = new LineSplitter((line) => seen.push(line), [...secrets, ...maskable(Buffer.from("pass\n"))]);
    for (const part of ["the pa", "ssword\nx abcdefgh y\n", "x".repeat(64 * 1024 - 2), "pass"])
      splitter.write(Buffer.from(part));
    splitter.end();
    assert.deepEqual(seen.slice(0, 2), ["the ***word", "x *** y"]);
    assert.equal(seen.slice(2).join(""), `${"x".repeat(64 * 1024 - 2)}***`);
    assert.deepEqual(maskable(Buffer.from("abc")), []);
  });
});

describe("mount points of a run", () => {
  it("go again, with the folders that were made for them, but nothing that holds something", () => {
    const place = makeFolder({ "usr/kept": null });
    const root = place.path;
    symlinkSync("../run/resolve/stub.conf", `${root}/usr/resolv.conf`);
    const remove = noteStubs(root, [
      "/proc",
      "/etc/hosts",
      "/etc/resolv.conf",
      "/usr/kept",
      "/usr/resolv.conf",
      "/dev",
    ]);
    for (const made of ["proc", "etc", "run/resolve", "dev"]) mkdirSync(`${root}/${made}`, { recursive: true });
    for (const made of ["etc/hosts", "run/resolve/stub.conf"]) writeFileSync(`${root}/${made}`, "");
    writeFileSync(`${root}/etc/resolv.conf`, "written by the command");
    writeFileSync(`${root}/dev/node`, "");
    remove();
    assert.deepEqual(
      ["proc", "etc/hosts", "etc/resolv.conf", "usr/kept", "run", "dev/node"].map((name) =>
        existsSync(`${root}/${name}`),
      ),
      [false, false, true, true, false, true],
    );
    place.dispose();
  });
});

describe("work that is shared", () => {
  const never = new AbortController().signal;

  it("is done once, and tells late comers what was", async () => {
    const work = new SharedWork<number, string>();
    let finish: (value: number) => void = () => undefined;
    let starts = 0;
    const start = (emit: (event: string) => void) => {
      starts += 1;
      emit("early");
      return new Promise<number>((resolve) => {
        finish = resolve;
      });
    };
    const heard: string[][] = [[], []];
    const first = work.join("k", never, (event) => heard[0]?.push(event), start);
    const second = work.join("k", never, (event) => heard[1]?.push(event), start);
    finish(5);
    assert.deepEqual(await Promise.all([first, second]), [5, 5]);
    assert.equal(starts, 1);
    assert.deepEqual(heard[1], ["early"]);
    const third = work.join("k", never, () => undefined, start);
    finish(6);
    assert.equal(await third, 6);
  });

  it("is aborted when the last has left, who then waits for its end; a newcomer starts anew", async () => {
    const work = new SharedWork<string, never>();
    const log: string[] = [];
    const start = (name: string) => (_emit: unknown, signal: AbortSignal) =>
      new Promise<string>((resolve, reject) => {
        if (name === "second") return resolve(name);
        signal.addEventListener("abort", () =>
          setImmediate(() => {
            log.push("cleaned up");
            reject(signal.reason);
          }),
        );
      });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = work.join("k", one.signal, () => undefined, start("first"));
    const other = work.join("k", two.signal, () => undefined, start("first"));
    one.abort();
    await assert.rejects(first);
    assert.deepEqual(log, []);
    two.abort();
    const next = work.join("k", never, () => undefined, start("second"));
    await assert.rejects(other);
    assert.deepEqual(log, ["cleaned up"]);
    assert.equal(await next, "second");
  });

  it("fails for all alike", async () => {
    const work = new SharedWork<string, never>();
    const fail = () => Promise.reject(new Error("broken"));
    const both = [work.join("k", never, () => undefined, fail), work.join("k", never, () => undefined, fail)];
    for (const result of await Promise.allSettled(both)) assert.equal(result.status, "rejected");
  });
});
