import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { chooseRuntime } from "../../../engine/runtime/choose-runtime.ts";

const tools = { crun: "/usr/bin/crun" };

describe("which runtime starts containers", () => {
  const choice = (...args: Parameters<typeof chooseRuntime>) => {
    const { runtime, notes } = chooseRuntime(...args);
    return [runtime, ...notes.map((note) => formatMessage(note))];
  };
  it("is the built-in one, if it can filter system calls", () => {
    assert.deepEqual(choice("auto", tools, "perl"), ["builtin"]);
    assert.deepEqual(choice("auto", tools, undefined), ["crun"]);
  });
  it("is the one that is asked for", () => {
    assert.deepEqual(choice("crun", tools, "perl"), ["crun"]);
    assert.deepEqual(choice("builtin", tools, "perl"), ["builtin"]);
  });
  it("is told with what it cannot do", () => {
    for (const [wish, words] of [
      ["builtin", /not filtered/],
      ["runc", /runc was asked for but not found/],
      ["lxc", /DRYDOCK_RUNTIME is lxc/],
    ] as const)
      assert.match(choice(wish, {}, wish === "builtin" ? undefined : "perl")[1] ?? "", words);
  });
});
