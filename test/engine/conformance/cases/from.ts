// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import type { Case } from "../case.ts";

const one = (name: string, dockerfile: string, more: Omit<Case, "name" | "dockerfile"> = {}): Case => ({
  name,
  dockerfile: `${dockerfile}\n`,
  ...more,
});

export const fromCases: readonly Case[] = [
  one("scratch and nothing", "FROM scratch"),
  one("scratch with metadata alone", "FROM scratch\nLABEL a=b"),
  one("an image as it is", "FROM busybox"),
  one("an image with a tag", "FROM busybox:latest\nCOPY f /x"),
  one("an image with its registry's name", "FROM docker.io/library/busybox\nCOPY f /x"),
  one("a config that inherits everything", "FROM odd"),
  one("a config that inherits everything, with a layer", "FROM odd\nCOPY f x"),
  one(
    "a config that inherits, and changes",
    "FROM odd\nENV INHERITED=no NEW=1\nLABEL both=mine\nEXPOSE 81\nVOLUME /more",
  ),
  one("an inherited working folder", "FROM odd\nWORKDIR sub"),
  one("an inherited shell", "FROM odd\nUSER 0\nWORKDIR /\nRUN false; touch /x || true\nCMD a b"),
  one("an inherited command goes with a new entrypoint", 'FROM odd\nENTRYPOINT ["x"]'),
  one("a command for an inherited entrypoint", 'FROM odd\nCMD ["x"]'),
  one("no health check any more", "FROM odd\nHEALTHCHECK NONE"),
  one("a stage", "FROM busybox AS one\nENV A=1\nCOPY f /x\nFROM one\nCOPY g /y"),
  one(
    "a stage hands its config on",
    'FROM scratch AS one\nENV A=1\nLABEL l=1\nUSER 7\nWORKDIR /w\nCMD ["c"]\nFROM one\nENV B=$A',
  ),
  one("a stage in capitals", "FROM scratch AS One\nCOPY f /x\nFROM oNE\nCOPY g /y"),
  one("as in small letters", "from scratch as one\ncopy f /x\nfrom one\ncopy g /y"),
  one("a variable for the image", "ARG B=busy\nFROM ${B}box\nCOPY f /x"),
  one("a variable for the tag", "ARG T\nFROM busybox:${T:-latest}"),
  one("scratch by a variable", "FROM scra${X:-tch}\nCOPY f /x"),
  one("a build argument for the image", "ARG B=odd\nFROM $B\nCOPY f /x", { options: { buildArgs: { B: "busybox" } } }),
  one("an empty name", "ARG B\nFROM $B\nCOPY f /x"),
  one("an empty tag", "FROM busybox:$T"),
  one("a name that is none", "FROM Busybox"),
  one("two names", "FROM busybox odd"),
  one("AS without a name", "FROM busybox AS"),
  one("a stage's name that is none", "FROM busybox AS 1x"),
  one("a stage that is not needed is not built", "FROM busybox AS no\nRUN false\nFROM scratch\nCOPY f /x"),
  one("a later stage of one name", "FROM scratch AS a\nCOPY f /x\nFROM scratch AS a\nCOPY g /y\nFROM a\nCOPY f /z"),
  one("an instruction before FROM", "RUN true\nFROM busybox"),
  one("no FROM", "ARG A=1", { unasked: { docker: "docker 20.10 crashes" } }),
  one("nothing", "# only a comment"),
  one("platform by a variable", "FROM --platform=$BUILDPLATFORM busybox\nCOPY f /x"),
  one("a label of the command line", "FROM scratch\nLABEL a=file b=file", {
    options: { labels: { a: "line", c: "line" } },
  }),
  one("a label of the command line alone", "FROM busybox", { options: { labels: { c: "line" } } }),
  one("maintainer", "FROM scratch\nMAINTAINER Some One <one@example.org>\nCOPY f /x"),
  one("a maintainer of a stage below", "FROM scratch AS a\nMAINTAINER Some One\nFROM a\nCOPY f /x"),
];
