import { msg } from "../../../engine/base/message.ts";
import { cleanSummary, cleanWhy, isShipped, leftovers } from "../../lint/cleanups.ts";
import { apt, packageCalls } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const lists = "/var/lib/apt/lists";
/** Newer versions delete the lists themselves. */
const cleans = /^apt(?:-get)? dist-?clean\b/;

export default defineRule({
  id: "packages/apt-lists",
  severity: "info",
  summary: cleanSummary("apt-get"),
  why: cleanWhy(),
  note: msg(
    "Every way to delete the lists counts, and a cache mount on them; stages that are thrown away are left alone.",
  ),
  sameAs: ["hadolint:DL3009"],
  fix: "suggestion",
  sees: apt.programs,
  examples: [
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install -y curl && curl -V\n#   ^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/* && curl -V\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update \\\n#   ^^^^^^^^^^^^^^\n && apt-get install -y \\\n      curl\n",
      good: "FROM debian\nRUN apt-get update \\\n && apt-get install -y \\\n      curl \\\n && rm -rf /var/lib/apt/lists/*\n",
    },
    {
      bad: "FROM debian\nRUN apt update && \\\n#   ^^^^^^^^^^\n    apt install -y curl && \\\n    apt-get clean\n",
      good: "FROM debian\nRUN apt update && \\\n    apt install -y curl && \\\n    apt-get clean && \\\n    rm -rf /var/lib/apt/lists/*\n",
    },
    {
      bad: "FROM debian\nRUN <<EOF\napt-get update\n#^^^^^^^^^^^^^\nsudo apt-get install -y curl\nEOF\n",
      good: "FROM debian\nRUN <<EOF\napt-get update\nsudo apt-get install -y curl && sudo rm -rf /var/lib/apt/lists/*\nEOF\n",
    },
    {
      bad: "FROM debian\nRUN set -eux; \\\n\t\tapt-get update; \\\n# ^^^^^^^^^^^^^^\n\t\tapt-get install -y curl; \\\n\t\tcurl -V\n",
      good: "FROM debian\nRUN set -eux; \\\n\t\tapt-get update; \\\n\t\tapt-get install -y curl; \\\n\t\trm -rf /var/lib/apt/lists/*; \\\n\t\tcurl -V\n",
    },
    { bad: "FROM debian\nRUN apt-get update\n#   ^^^^^^^^^^^^^^\nRUN apt-get install -y curl\n" },
    { bad: "FROM debian\nONBUILD RUN if true; then apt-get update; fi\n#                         ^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl && rm -fr /var/lib/apt/lists /tmp/*\n",
    "FROM debian\nRUN apt-get update -y && apt-get install -y git && apt-get clean && rm -f /var/lib/apt/lists/*_*\n",
    "FROM debian\nRUN apt-get update && rm -rf /var/lib/{apt,dpkg,cache}/\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl && find /var/lib/apt/lists -type f -delete\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl && apt-get dist-clean\n",
    "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt/lists --mount=type=cache,target=/var/cache/apt apt-get update\n",
    "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update\n",
    "FROM debian AS build\nRUN apt-get update && apt-get install -y gcc\nFROM scratch\nCOPY --from=build /app /app\n",
    "FROM debian\nRUN apt-get install -y curl\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    for (const view of stage.only("RUN")) {
      const commands = view.commands(...apt.programs);
      const updates = packageCalls(commands, apt, ["update"]);
      // Without an installation in the same RUN, a later one reads these lists.
      const isUsed = packageCalls(commands, apt, ["install", "upgrade", "dist-upgrade", "build-dep"]).length > 0;
      const behind = isUsed ? commands.at(-1) : undefined;
      yield* leftovers({
        view,
        calls: updates,
        behind: behind ?? "nothing",
        folders: [lists],
        said: cleans,
        cleanup: `rm -rf ${lists}/*`,
      });
    }
  },
});
