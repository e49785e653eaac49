import assert from "node:assert/strict";
import { compileProfile } from "../../../../engine/runtime/seccomp/compile.ts";
import { seccompFilter } from "../../../../engine/runtime/seccomp/filter.ts";
import { parseProfile } from "../../../../engine/runtime/seccomp/profile.ts";
import { architecturesOf } from "../../../../engine/runtime/seccomp/syscalls.ts";

const x64 = architecturesOf("x64") ?? [];
const arm64 = architecturesOf("arm64") ?? [];
const docker = new Set("CHOWN SETUID SYS_CHROOT".split(" "));
const [allowed, eperm, enosys, killed] = ["allow", "errno 1", "errno 38", "kill"];

/** Runs a filter program as the kernel's machine would (linux/filter.h), for a call with these arguments. */
function ask(filter: Uint8Array, audit: number, number: number, args: readonly bigint[] = []): string {
  const view = Buffer.from(filter);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const [code, jt, jf, k] = [
      view.readUInt16LE(at * 8),
      view.readUInt8(at * 8 + 2),
      view.readUInt8(at * 8 + 3),
      view.readUInt32LE(at * 8 + 4),
    ];
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x25) at += accumulator > k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x06) {
      if (k === 0x7fff0000) return allowed;
      if (k >>> 16 === 5) return `errno ${k & 0xffff}`;
      return k === 0x80000000 ? killed : `action ${k.toString(16)}`;
    } else throw new Error(`instruction ${code.toString(16)}`);
  }
}

function asker(filter: Uint8Array | undefined, machine = x64, which = 0) {
  const architecture = machine[which];
  assert.ok(filter && architecture);
  return (name: string, ...args: (bigint | number)[]) =>
    ask(filter, architecture.audit, architecture.numbers.get(name) ?? Number.NaN, args.map(BigInt));
}

describe("Docker's default seccomp profile", () => {
  const call = asker(seccompFilter("default", docker, "x64"));
  it("lets ordinary programs work", () => {
    for (const name of "read openat execve mmap futex ptrace chroot getrandom close_range statx vmsplice".split(" "))
      assert.equal(call(name), allowed, name);
  });
  it("refuses what reaches the host", () => {
    const names =
      "mount umount2 unshare setns keyctl add_key bpf kexec_load init_module reboot io_uring_setup userfaultfd pivot_root acct";
    for (const name of names.split(" ")) assert.equal(call(name), eperm, name);
  });
  it("gives some calls with a capability", () => {
    const admin = asker(seccompFilter("default", new Set(["SYS_ADMIN", "SYS_TIME"]), "x64"));
    for (const name of ["mount", "unshare", "clone3", "bpf", "settimeofday"]) assert.equal(admin(name), allowed, name);
    assert.equal(admin("chroot"), eperm);
    assert.equal(asker(seccompFilter("default", undefined, "x64"))("reboot"), allowed);
  });
  it("looks at arguments: new namespaces, personalities, VM sockets", () => {
    assert.equal(call("clone", 0x11), allowed);
    assert.equal(call("clone", 0x10000011), eperm);
    assert.equal(call("clone3"), enosys);
    assert.equal(call("personality", 0xffffffff), allowed);
    assert.equal(call("personality", 0x40000), eperm);
    assert.equal(call("socket", 2), allowed);
    assert.equal(call("socket", 40), eperm);
  });
  it("says of calls that are newer than it that they do not exist, and kills foreign kinds of call", () => {
    const filter = seccompFilter("default", docker, "x64");
    assert.ok(filter);
    assert.equal(ask(filter, 0xc000003e, 9999), enosys);
    assert.equal(ask(filter, 0xc00000b7, 0), killed);
    // x32: numbers of its own above a bit.
    assert.equal(ask(filter, 0xc000003e, 0x40000000), enosys);
  });
  it("knows 32-bit programs and the other processor by their own numbers", () => {
    const i386 = asker(seccompFilter("default", docker, "x64"), x64, 1);
    const arm = asker(seccompFilter("default", docker, "arm64"), arm64);
    for (const ask of [i386, arm]) {
      assert.equal(ask("read"), allowed);
      assert.equal(ask("mount"), eperm);
      assert.equal(ask("setns"), eperm);
    }
    assert.equal(i386("umount"), eperm);
  });
  it("is small and compiled once", () => {
    const filter = seccompFilter("default", docker, "x64");
    assert.ok(filter && filter.length / 8 < 500, String((filter?.length ?? 0) / 8));
    assert.equal(seccompFilter("default", new Set([...docker].toReversed()), "x64"), filter);
  });
  it("is missing where the numbers are not known", () => {
    assert.equal(seccompFilter("default", docker, "s390x"), undefined);
  });
});

describe("a seccomp profile of one's own", () => {
  const compiled = (profile: object, capabilities: ReadonlySet<string> | undefined = docker) =>
    asker(
      compileProfile(parseProfile(JSON.stringify(profile)), { architectures: x64, capabilities, kernel: "6.8.0-31-x" }),
    );
  const allow = { defaultAction: "SCMP_ACT_ALLOW" };

  it("refuses single calls", () => {
    const call = compiled({
      ...allow,
      syscalls: [{ names: ["chmod", "fchmodat", "no_such_call"], action: "SCMP_ACT_ERRNO", errnoRet: 13 }],
    });
    assert.deepEqual([call("chmod"), call("fchmodat"), call("read")], ["errno 13", "errno 13", allowed]);
  });
  it("compares arguments of 64 bits", () => {
    const big = 2 ** 33 + 5;
    const cases: readonly [string, readonly (number | bigint)[], readonly (number | bigint)[]][] = [
      ["SCMP_CMP_EQ", [big], [big - 1, 5, 2 ** 34 + 5]],
      ["SCMP_CMP_NE", [big - 1, 5], [big]],
      ["SCMP_CMP_GE", [big, big + 1, 2 ** 40], [big - 1, 5]],
      ["SCMP_CMP_GT", [big + 1, 2 ** 40], [big, 6]],
      ["SCMP_CMP_LT", [big - 1, 6], [big, 2 ** 40]],
      ["SCMP_CMP_LE", [big, 6], [big + 1, 2 ** 40]],
    ];
    for (const [op, yes, no] of cases) {
      const rule = { names: ["write"], action: "SCMP_ACT_ERRNO", args: [{ index: 2, op, value: big }] };
      const call = compiled({ ...allow, syscalls: [rule] });
      for (const value of yes) assert.equal(call("write", 0, 0, value), eperm, `${op} ${value}`);
      for (const value of no) assert.equal(call("write", 0, 0, value), allowed, `${op} ${value}`);
    }
  });
  it("wants all conditions of a rule, and one of several rules or of several on one argument", () => {
    const equals = (index: number, value: number) => ({ index, op: "SCMP_CMP_EQ", value });
    const rule = (...args: object[]) => ({ names: ["kill"], action: "SCMP_ACT_ERRNO", args });
    const both = compiled({ ...allow, syscalls: [rule(equals(0, 1), equals(1, 9)), rule(equals(0, 7))] });
    assert.deepEqual([both("kill", 1, 9), both("kill", 1, 8), both("kill", 7, 8)], [eperm, allowed, eperm]);
    const either = compiled({ ...allow, syscalls: [rule(equals(0, 1), equals(0, 2))] });
    assert.deepEqual([either("kill", 1), either("kill", 2), either("kill", 3)], [eperm, eperm, allowed]);
  });
  it("grows by its rules and no faster", () => {
    const equals = (value: number) => ({ index: 0, op: "SCMP_CMP_EQ", value });
    const rules = (count: number) =>
      Array.from({ length: count }, (_, value) => ({
        names: ["kill"],
        action: "SCMP_ACT_ERRNO",
        args: [equals(value)],
      }));
    const call = compiled({ ...allow, syscalls: rules(400) });
    assert.deepEqual([call("kill", 399), call("kill", 400)], [eperm, allowed]);
    assert.throws(() => compiled({ ...allow, syscalls: rules(5000) }), { code: "invalid-argument" });
  });
  it("has rules for some capabilities, processors and kernels", () => {
    const rule = (name: string, more: object) => ({ names: [name], action: "SCMP_ACT_ERRNO", ...more });
    const call = compiled({
      ...allow,
      syscalls: [
        rule("mkdir", { includes: { caps: ["CAP_CHOWN"] } }),
        rule("rmdir", { includes: { caps: ["CAP_SYS_ADMIN"] } }),
        rule("link", { excludes: { caps: ["CAP_CHOWN"] } }),
        rule("unlink", { includes: { arches: ["arm64"] } }),
        rule("symlink", { includes: { arches: ["amd64"], minKernel: "4.8" } }),
        rule("rename", { includes: { minKernel: "6.9" } }),
      ],
    });
    const answers = ["mkdir", "rmdir", "link", "unlink", "symlink", "rename"].map((name) => call(name));
    assert.deepEqual(answers, [eperm, allowed, allowed, allowed, eperm, allowed]);
  });
  it("says what it cannot be", () => {
    const wrong = [
      "{",
      "[]",
      "{}",
      '{"defaultAction":"SCMP_ACT_NOTIFY"}',
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"NO"}]}',
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"op":"SCMP_CMP_EQ","value":1}]}]}',
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"op":"LIKE","value":1}]}]}',
    ];
    for (const text of wrong) {
      assert.throws(
        () => compileProfile(parseProfile(text), { architectures: x64, capabilities: docker, kernel: "6.1" }),
        { code: "invalid-argument" },
        text,
      );
    }
  });
});
