import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { inEffect, lastOwn } from "../../lint/start-command.ts";

export default defineRule({
  id: "image/dropped-cmd",
  severity: "hint",
  summary: msg("This ENTRYPOINT drops the CMD of the stage that it is built on"),
  why: msg("An ENTRYPOINT takes back a CMD that was inherited. Repeat the CMD in this stage if it should stay."),
  sameAs: [],
  fix: "none",
  sees: ["CMD", "ENTRYPOINT"],
  examples: [
    { bad: 'FROM node AS base\nCMD ["server.js"]\nFROM base\nENTRYPOINT ["node"]\n#^^^^^^^^^^^^^^^^^^\n' },
    { bad: 'FROM node AS a\nCMD ["x"]\nFROM a AS b\nRUN y\nFROM b\nENTRYPOINT z\n#^^^^^^^^^^^\n' },
  ],
  fine: [
    'FROM node\nCMD ["server.js"]\nENTRYPOINT ["node"]\n',
    'FROM node AS base\nCMD ["a"]\nFROM base\nENTRYPOINT ["node"]\nCMD ["b"]\n',
    'FROM node AS base\nCMD []\nFROM base\nENTRYPOINT ["node"]\n',
    'FROM node AS base\nENTRYPOINT ["x"]\nFROM base\nENTRYPOINT ["node"]\n',
  ],
  *stage(view) {
    const entrypoint = lastOwn(view, "ENTRYPOINT");
    if (!entrypoint || !view.parent || lastOwn(view, "CMD")) return;
    const inherited = inEffect(view.parent, "CMD");
    if (!inherited || inherited.instruction.json?.length === 0) return;
    yield {
      range: entrypoint.instruction.range,
      related: [{ range: inherited.instruction.range, message: msg("The CMD that is dropped") }],
    };
  },
});
