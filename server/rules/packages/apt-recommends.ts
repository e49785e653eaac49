import { msg } from "../../../engine/base/message.ts";
import { aptSetting, settingApt } from "../../lint/apt-settings.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { addWord, apt, callsIn, mentions, said, wordsOf } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const recommended = aptSetting("Install-Recommends");

export default defineRule({
  id: "packages/apt-recommends",
  severity: "info",
  summary: msg("apt-get also installs the packages that are only recommended"),
  why: msg("They are rarely needed in a container and can double the size: say --no-install-recommends."),
  learn: msg(
    "A Debian package names others that it needs and others that go well with it. The second kind is installed too unless you say no. When something is missing afterwards, add its name to the list.",
  ),
  note: msg("Stages that are thrown away are not asked to be small."),
  sameAs: ["hadolint:DL3015"],
  fix: "suggestion",
  sees: [...settingApt, "ENV", "ARG"],
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install -y curl\n#                     ^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN apt-get update && apt-get install --no-install-recommends -y curl\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update \\\n && apt-get -y install \\\n#   ^^^^^^^^^^^^^^^^^^\n    curl\n",
      good: "FROM debian\nRUN apt-get update \\\n && apt-get -y install --no-install-recommends \\\n    curl\n",
    },
    {
      bad: "FROM debian AS base\nONBUILD RUN <<EOF\napt-get install -y curl\n#^^^^^^^^^^^^^^\nEOF\nFROM base\n",
      good: "FROM debian AS base\nONBUILD RUN <<EOF\napt-get install --no-install-recommends -y curl\nEOF\nFROM base\n",
    },
    {
      bad: 'FROM debian\nRUN apt-get install -y --no-install-recommends "git=$GIT"\nRUN apt-get install -y curl\n#   ^^^^^^^^^^^^^^^\n',
      good: 'FROM debian\nRUN apt-get install -y --no-install-recommends "git=$GIT"\nRUN apt-get install --no-install-recommends -y curl\n',
    },
  ],
  fine: [
    'FROM debian\nENV OPTS="-y --no-install-recommends"\nRUN apt-get install $OPTS curl\n',
    "FROM debian\nRUN apt-get install -y --no-install-recommends curl\n",
    "FROM debian\nRUN apt-get install -y --install-recommends nginx\n",
    "FROM debian\nRUN apt-get -o APT::Install-Recommends=false install -y curl\n",
    "FROM debian\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/99 \\\n && apt-get install -y curl\n",
    'FROM debian AS base\nCOPY <<EOF /etc/apt/apt.conf.d/99\nAPT::Install-Recommends "0";\nEOF\nFROM base\nRUN apt-get install -y curl\n',
    "FROM debian AS build\nRUN apt-get install -y gcc\nFROM scratch\nCOPY --from=build /app /app\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    let isOff = stage.parent !== undefined && recommended.isSet(stage.parent);
    for (const view of stage.only(...settingApt)) {
      isOff ||= recommended.sets(view, stage);
      if (isOff) return;
      for (const call of callsIn(stage, view, apt, ["install"])) {
        if (said(call, "--no-install-recommends", "--install-recommends", "-R", "--without-recommends")) continue;
        const { command, verb, operands } = call;
        if (mentions(call, /install-recommends=/i)) continue;
        if (operands.length === 0) continue;
        yield {
          range: wordsOf(command, verb),
          message: msg("{command} also installs packages that are only recommended, which a container rarely needs", {
            command: `${command.name} ${verb.text}`,
          }),
          fix: {
            title: msg("Add {flag}", { flag: "--no-install-recommends" }),
            edits: [addWord(view, verb, "--no-install-recommends")],
          },
        };
      }
    }
  },
});
