// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import type { Case } from "../case.ts";

const one = (name: string, dockerfile: string, more: Omit<Case, "name" | "dockerfile"> = {}): Case => ({
  name,
  dockerfile: `${dockerfile}\n`,
  ...more,
});
const a =
  "FROM busybox AS a\nRUN mkdir /x && echo 1 > /x/one && chown -R 7:8 /x && chmod 700 /x && chmod 640 /x/one && ln -s one /x/l && ln /x/one /x/two\n";
const files = "FROM scratch AS a\nCOPY . /c/\n";

export const stages: readonly Case[] = [
  one("a file of a stage", `${a}FROM scratch\nCOPY --from=a /x/one /one`),
  one("a folder of a stage keeps owners of what is in it", `${a}FROM scratch\nCOPY --from=a /x /y`),
  one(
    "a folder below a folder of a stage keeps its own",
    `${a}FROM scratch\nCOPY --from=a /x /y/\nCOPY --from=a /home /h/`,
  ),
  one("a stage with another owner", `${a}FROM scratch\nCOPY --from=a --chown=3:4 /x /y`),
  one("a stage by number", `${a}FROM scratch\nCOPY --from=0 /x/one /`),
  one("a stage in capitals", `${a}FROM scratch\nCOPY --from=A /x/one /`),
  one("a link in a stage is followed", `${files}FROM scratch\nCOPY --from=a /c/lf /c/ld /y/`),
  one(
    "an absolute link in a stage begins at its root",
    `FROM scratch AS a\nCOPY f /f\nCOPY . /c/\nFROM scratch\nCOPY --from=a /c/abs /y`,
  ),
  one("a star in a stage", `${files}FROM scratch\nCOPY --from=a /c/a*.txt /c/[de] /y/`),
  one("a source without a slash begins at the stage's root", `${files}FROM scratch\nWORKDIR /w\nCOPY --from=a c/f ./`),
  one("a pipe of a stage", `FROM busybox AS a\nRUN mkdir /x && mkfifo -m 640 /x/p\nFROM scratch\nCOPY --from=a /x /y`),
  one("a setuid file of a stage", `${files}FROM scratch\nCOPY --from=a /c/suid /y`),
  one("all of a stage", `${files}FROM scratch\nCOPY --from=a / /`),
  one("a file of an image", "FROM scratch\nCOPY --from=busybox /etc/os-release /o"),
  one("a file that a stage has not", `${files}FROM scratch\nCOPY --from=a /nothing /y`),
  one("a stage that is not there", "FROM scratch\nCOPY --from=9 /x /y"),
  one("a stage that comes later", "FROM scratch\nCOPY --from=1 /f /y\nFROM scratch\nCOPY f /f"),
  one("itself", "FROM scratch AS me\nCOPY --from=me /f /y"),
  one("a stage's name by a variable", `${files}FROM scratch\nARG S=a\nCOPY --from=$S /c/f /y`),
  one("a target", "FROM scratch AS a\nCOPY f /x\nFROM scratch AS b\nCOPY g /y\nFROM scratch AS c\nCOPY f /z", {
    options: { target: "b" },
  }),
  one("a target in capitals", "FROM scratch AS a\nCOPY f /x\nFROM scratch\nCOPY g /y", { options: { target: "A" } }),
  one("a target that is not there", "FROM scratch AS a\nCOPY f /x", { options: { target: "nope" } }),
  one(
    "steps of a stage that failed are not needed",
    "FROM busybox AS a\nRUN touch /ok\nFROM busybox AS b\nRUN false\nFROM scratch\nCOPY --from=a /ok /",
    { options: { target: "a" } },
  ),
  one(
    "a stage of a stage of a stage",
    "FROM scratch AS a\nCOPY f /1\nFROM a AS b\nCOPY f /2\nFROM b AS c\nCOPY f /3\nFROM scratch\nCOPY --from=c / /all/",
  ),
  one(
    "two stages into one",
    "FROM scratch AS a\nCOPY d /x\nFROM scratch AS b\nCOPY e /x\nFROM scratch\nCOPY --from=a /x /y\nCOPY --from=b /x /y",
  ),
  one(
    "owner by a name of the image it goes to",
    "FROM scratch AS a\nCOPY f /f\nFROM busybox\nCOPY --from=a --chown=node:node /f /x/f",
  ),
  one("a folder as a named context", "FROM scratch\nCOPY --from=other /sub/c /x", {
    options: { contexts: { other: "d" } },
  }),
  one("a named context for an image", "FROM app\nCOPY f /x", {
    options: { contexts: { app: "docker-image://busybox" } },
  }),
  one("another Dockerfile", "", {
    context: { "sub/My.Dockerfile": "FROM scratch\nCOPY f /x\n", f: "f\n" },
    options: { file: "sub/My.Dockerfile" },
  }),
];

export const onbuild: readonly Case[] = [
  one("triggers are kept", "FROM scratch\nONBUILD COPY f /x\nONBUILD RUN a \\\n  b\nONBUILD ENV A=$B"),
  one("triggers of an image are carried out", "FROM triggers\nCOPY g /g"),
  one("triggers of an image alone", "FROM triggers"),
  one("triggers of a stage", "FROM scratch AS a\nONBUILD COPY f /x\nONBUILD ENV A=1\nFROM a\nENV B=$A"),
  one("triggers are not handed on twice", "FROM scratch AS a\nONBUILD COPY f /x\nFROM a AS b\nFROM b\nCOPY g /y"),
  one(
    "a trigger copies from a stage of the child's file",
    "FROM scratch AS files\nCOPY f /f\nFROM scratch AS a\nONBUILD COPY --from=files /f /x\nFROM a",
  ),
  one("a trigger of a trigger", "FROM scratch\nONBUILD ONBUILD RUN x"),
  one("a trigger FROM", "FROM scratch\nONBUILD FROM x"),
  one("a trigger of nothing", "FROM scratch\nONBUILD"),
  one("a trigger of an unknown instruction", "FROM scratch\nONBUILD NOPE x"),
  one("triggers use the child's arguments", "FROM triggers\nENV A=$TRIGGERED"),
];

export const history: readonly Case[] = [
  one(
    "of everything",
    'FROM busybox\nARG A=def B\nENV E=1 F="two words"\nLABEL a=1 b="x y"\nRUN echo $A > /o\nCOPY --chown=1:2 f d/sub /x/\nADD g /y\nWORKDIR /w\nEXPOSE 80 53/udp\nVOLUME /v /w\nSHELL ["/bin/sh", "-ec"]\nCMD c d\nENTRYPOINT ["e", "f g"]\nHEALTHCHECK --interval=5s CMD x y\nUSER node\nSTOPSIGNAL 9\nMAINTAINER me',
  ),
  one("of commands with arguments", 'FROM busybox\nARG A=1\nRUN true\nARG B\nARG C=\nRUN echo a\nRUN ["echo", "b c"]', {
    options: { buildArgs: { B: "two words" } },
  }),
  one("of an environment that covers an argument", "FROM busybox\nARG A=1\nENV A=2\nRUN true"),
  one(
    "of copies",
    'FROM scratch\nENV D=/d\nCOPY f g $D/\nCOPY ["with space", "/x y"]\nCOPY --chmod=600 f /z\nWORKDIR rel\nCOPY f .',
  ),
  one("of a stage below", "FROM scratch AS a\nCOPY f /x\nENV A=1\nFROM a\nCOPY g /y"),
  one("of the root as working folder", "FROM busybox\nWORKDIR /\nWORKDIR /tmp"),
  one("of proxies", "FROM busybox\nRUN true", { options: { buildArgs: { HTTP_PROXY: "http://p.example" } } }),
  one("of labels of the command line", "FROM scratch\nCOPY f /x", { options: { labels: { b: "1", a: "2" } } }),
  one("of onbuild", "FROM triggers\nONBUILD RUN x"),
];
