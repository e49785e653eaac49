import { msg } from "../../../engine/base/message.ts";
import { officialName } from "../../lint/image-names.ts";
import { defineRule } from "../../lint/rule.ts";

/** Docker's own images for one architecture have a folder of their own. */
const folders: Readonly<Record<string, string>> = {
  amd64: "amd64",
  arm64v8: "arm64",
  arm32v5: "arm",
  arm32v6: "arm",
  arm32v7: "arm",
  i386: "386",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
};

const endings: Readonly<Record<string, string>> = {
  amd64: "amd64",
  x86_64: "amd64",
  arm64: "arm64",
  arm64v8: "arm64",
  aarch64: "arm64",
  ppc64le: "ppc64le",
  s390x: "s390x",
};

const spellings: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", armhf: "arm" };

export default defineRule({
  id: "base/platform-mismatch",
  severity: "warning",
  summary: msg("The image is for another platform than --platform asks for"),
  why: msg(
    "The builder takes the image that is there and warns; its programs do not run on the platform of the stage.",
  ),
  sameAs: ["buildkit:InvalidBaseImagePlatform"],
  note: msg(
    "Only what the name of the image tells is compared: nothing is fetched while you type. A build looks at the image itself.",
  ),
  fix: "none",
  sees: [],
  examples: [
    { bad: "FROM --platform=linux/amd64 arm64v8/debian:12\n#                           ^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM --platform=linux/arm64 a/b:1.2-amd64 AS arm64\n#                           ^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM --platform=linux/arm64/v8 arm64v8/debian:12\nFROM arm64v8/debian:12\nFROM --platform=$P arm64v8/debian:12\n",
    "FROM --platform=linux/aarch64 a/b:1-arm64\nFROM --platform=linux a/b:1-arm64\nFROM --platform=linux/amd64 a/arm64:1\n",
  ],
  *stage({ base, stage: { from } }) {
    const flag = from.flags.find(({ name }) => name === "platform");
    const [word] = from.words;
    const asked = /^[a-z]+\/([a-z0-9_]+)/i.exec(flag?.value ?? "")?.[1]?.toLowerCase();
    if (!word || !asked || base.kind !== "image") return;
    const folder = base.repository?.split("/")[0] ?? "";
    const isDockers = officialName({ ...base, repository: "x" }) !== undefined;
    const has = (isDockers ? folders[folder] : undefined) ?? endings[/[^-.]*$/.exec(base.tag ?? "")?.[0] ?? ""];
    if (has === undefined || has === (spellings[asked] ?? asked)) return;
    yield {
      range: word.range,
      message: msg("The name of the image says {architecture}, and --platform asks for {platform}", {
        architecture: has,
        platform: flag?.value ?? "",
      }),
    };
  },
});
