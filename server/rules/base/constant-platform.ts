// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/constant-platform",
  severity: "warning",
  summary: msg("The stage is always built for this platform, whatever the build asks for"),
  why: msg(
    "On other machines it runs in an emulator or not at all, and an image for several platforms cannot be built.",
  ),
  learn: msg(
    "The platform is chosen when the image is built: --platform of docker build. In the Dockerfile only $BUILDPLATFORM is useful, for stages that compile.",
  ),
  sameAs: ["hadolint:DL3029", "buildkit:FromPlatformFlagConstDisallowed"],
  note: msg("A variable is fine, for it can be given; so is a stage whose name says for which platform it is."),
  fix: "suggestion",
  examples: [
    {
      bad: "FROM --platform=linux/amd64 debian:12\n#    ^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian:12\n",
    },
    {
      bad: "FROM --platform=linux/amd64 \\\n#    ^^^^^^^^^^^^^^^^^^^^^^\n  debian:12 AS build\n",
      good: "FROM debian:12 AS build\n",
    },
  ],
  fine: [
    "FROM --platform=$BUILDPLATFORM debian:12\nFROM --platform=${TARGETPLATFORM} debian:12\n",
    "ARG P=linux/amd64\nFROM --platform=$P debian:12\n",
    "FROM --platform=linux/amd64 debian:12 AS build-amd64\nFROM --platform=windows/amd64 a:1 AS windows\n",
  ],
  keywords: ["FROM"],
  *instruction({ instruction: { flags, words } }) {
    const flag = flags.find(({ name }) => name === "platform");
    const [image, , name] = words;
    if (!flag?.value || !image || flag.value.includes("$")) return;
    const parts = flag.value.toLowerCase().split("/");
    const says = name?.text.toLowerCase() ?? "";
    if (parts.slice(0, 2).some((part) => part !== "" && says.includes(part))) return;
    const next = flags[flags.indexOf(flag) + 1]?.range ?? image.range;
    yield {
      range: flag.range,
      message: msg("The stage is always built for {platform}, whatever the build asks for", { platform: flag.value }),
      fix: {
        title: msg("Remove --platform"),
        edits: [replace({ start: flag.range.start, end: next.start }, "")],
      },
    };
  },
});
