import assert from "node:assert/strict";
import { normalText } from "./normal.ts";

describe("what is another each time", () => {
  const names = { REGISTRY: "127.0.0.1:40123", PORT: "25417" };

  it("is written as what it is", () => {
    const said = "127.0.0.1:25417->80/tcp, 127.0.0.1:40123/team/box:1, up 3 seconds, 12.5MB";
    assert.equal(normalText(said, names), "127.0.0.1:<PORT>->80/tcp, <REGISTRY>/team/box:1, up <while>, <size>");
  });

  it("is an id also when the digits of a port are in it", () => {
    const id = `${"a".repeat(20)}25417${"b".repeat(39)}`;
    assert.equal(normalText(`${id} ${id.slice(17, 29)}`, names), "<id> <id>");
  });

  it("is how many processors the machine has", () => {
    const said = (count: string) =>
      `Range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`;
    assert.equal(normalText(said("2"), {}), normalText(said("16"), {}));
  });
});
