import { msg } from "../../../engine/base/message.ts";
import { cleanSummary, cleanWhy, isShipped, leftovers } from "../../lint/cleanups.ts";
import { packageCalls, zypper } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const downloading = ["install", "in", "source-install", "si", "patch", "update", "up", "dist-upgrade", "dup"];

export default defineRule({
  id: "packages/zypper-clean",
  severity: "info",
  presets: { strict: "warning" },
  summary: cleanSummary("zypper"),
  why: cleanWhy(),
  note: msg("A cache mount on the manager's own folder counts; stages that are thrown away are left alone."),
  sameAs: ["hadolint:DL3036"],
  fix: "suggestion",
  sees: ["zypper"],
  examples: [
    {
      bad: "FROM opensuse/leap\nRUN zypper -n install curl=8\n#   ^^^^^^^^^^^^^^^^^\n",
      good: "FROM opensuse/leap\nRUN zypper -n install curl=8 && zypper clean --all\n",
    },
    {
      bad: "FROM opensuse/leap\nRUN zypper refresh && \\\n    zypper -n in \\\n#   ^^^^^^^^^^^^\n    curl && \\\n    curl -V\n",
      good: "FROM opensuse/leap\nRUN zypper refresh && \\\n    zypper -n in \\\n    curl && \\\n    zypper clean --all && \\\n    curl -V\n",
    },
    {
      bad: "FROM opensuse/leap\nONBUILD RUN <<EOF\nzypper -n up\n#^^^^^^^^^^^\nEOF\n",
      good: "FROM opensuse/leap\nONBUILD RUN <<EOF\nzypper -n up && zypper clean --all\nEOF\n",
    },
  ],
  fine: [
    "FROM opensuse/leap\nRUN zypper -n in curl && zypper clean\nRUN zypper -n in curl && zypper -n cc -a\n",
    "FROM opensuse/leap\nRUN zypper -n in curl && rm -rf /var/cache/zypp/*\n",
    "FROM opensuse/leap\nRUN --mount=type=cache,target=/var/cache/zypp zypper -n in curl\n",
    "FROM opensuse/leap AS build\nRUN zypper -n in gcc\nFROM scratch\nCOPY --from=build /app /app\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    for (const view of stage.only("RUN")) {
      const calls = packageCalls(view.commands("zypper"), zypper, downloading);
      const said = /^zypper (?:-\S+ )*(?:clean|cc)\b/;
      yield* leftovers({ view, calls, folders: ["/var/cache/zypp"], said, cleanup: "zypper clean --all" });
    }
  },
});
