import assert from "node:assert/strict";
import { formatMessage, msg } from "../../../engine/base/message.ts";

describe("a message", () => {
  it("is translated with the messages that it holds", () => {
    const korean = new Map([
      ["no {what}: {reason}", "{what} 없음: {reason}"],
      ["{host} is silent", "{host} 응답 없음"],
    ]);
    const message = msg("no {what}: {reason}", {
      what: "image",
      reason: msg("{host} is silent", { host: "docker.io" }),
    });
    assert.equal(formatMessage(message), "no image: docker.io is silent");
    assert.equal(
      formatMessage(message, (template) => korean.get(template)),
      "image 없음: docker.io 응답 없음",
    );
  });
});
