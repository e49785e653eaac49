import { msg } from "../../../engine/base/message.ts";
import { apk, apt, dnf, type PackageTool, packageCalls, wordsOf, yum } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const upgrades: readonly { readonly tool: PackageTool; readonly verbs: readonly string[] }[] = [
  { tool: apt, verbs: ["upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"] },
  { tool: apk, verbs: ["upgrade"] },
  { tool: yum, verbs: ["update", "upgrade"] },
  { tool: dnf, verbs: ["update", "upgrade", "up", "distro-sync"] },
];

export default defineRule({
  id: "packages/upgrade",
  severity: "hint",
  presets: { strict: "hint" },
  summary: msg("Upgrading all packages makes an image that depends on the day of its build"),
  why: msg(
    "The build cache keeps the upgrade of the first day, so new fixes come only with --no-cache. A newer base image (docker build --pull, or a newer tag) brings them to every build and adds no second copy.",
  ),
  note: msg("The codes are hadolint's retired ones; upgrading single packages is fine."),
  sameAs: ["hadolint:DL3005", "hadolint:DL3017", "hadolint:DL3031", "hadolint:DL3039"],
  fix: "none",
  keywords: ["RUN"],
  sees: upgrades.flatMap(({ tool }) => tool.programs),
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update && apt-get -y upgrade && apt-get dist-upgrade -y\n#                     ^^^^^^^^^^^^^^^^^^\n#                                           ^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM alpine\nRUN apk update \\\n && sudo apk upgrade\n#        ^^^^^^^^^^^\nONBUILD RUN apk upgrade\n#           ^^^^^^^^^^^\n",
    },
    {
      bad: "FROM fedora\nRUN dnf -y upgrade && yum update -y\n#   ^^^^^^^^^^^^^^\n#                     ^^^^^^^^^^\nRUN <<EOF\nmicrodnf update\n#^^^^^^^^^^^^^^\nEOF\n",
    },
    { bad: 'FROM debian\nRUN ["apt-get", "upgrade", "-y"]\n#    ^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -y --only-upgrade openssl && apt-get upgrade -y openssl\n",
    "FROM fedora\nRUN dnf upgrade -y openssl && apk upgrade musl && yum update -y curl\n",
    "FROM fedora\nRUN dnf -y upgrade --security\n",
  ],
  *instruction(view) {
    for (const { tool, verbs } of upgrades) {
      for (const { command, verb, operands } of packageCalls(view.commands(...tool.programs), tool, verbs)) {
        if (operands.length > 0 || /--(?:security|only-upgrade)\b/.test(command.text)) continue;
        yield { range: wordsOf(command, verb) };
      }
    }
  },
});
