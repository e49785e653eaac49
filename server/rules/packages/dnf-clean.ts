import { msg } from "../../../engine/base/message.ts";
import { cleanSummary, cleanWhy, rpmLeftovers } from "../../lint/cleanups.ts";
import { dnf } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const folders = ["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"];
const downloading = ["install", "in", "upgrade", "up", "update", "upgrade-minimal", "up-min", "reinstall", "rei"];

export default defineRule({
  id: "packages/dnf-clean",
  severity: "info",
  presets: { strict: "warning" },
  summary: cleanSummary("dnf"),
  why: cleanWhy(),
  note: msg("A cache mount on the manager's own folder counts; stages that are thrown away are left alone."),
  sameAs: ["hadolint:DL3040"],
  fix: "suggestion",
  sees: dnf.programs,
  examples: [
    {
      bad: "FROM fedora\nRUN dnf install -y curl\n#   ^^^^^^^^^^^\n",
      good: "FROM fedora\nRUN dnf install -y curl && dnf clean all\n",
    },
    {
      bad: "FROM fedora\nRUN dnf update -y \\\n && dnf -y install \\\n#   ^^^^^^^^^^^^^^\n    curl \\\n && curl -V\n",
      good: "FROM fedora\nRUN dnf update -y \\\n && dnf -y install \\\n    curl \\\n && dnf clean all \\\n && curl -V\n",
    },
    {
      bad: "FROM fedora\nONBUILD RUN <<EOF\nsudo dnf install -y curl\n#    ^^^^^^^^^^^\nEOF\n",
      good: "FROM fedora\nONBUILD RUN <<EOF\nsudo dnf install -y curl && sudo dnf clean all\nEOF\n",
    },
    {
      bad: "FROM fedora\nRUN dnf clean all && (dnf install -y curl)\n#                     ^^^^^^^^^^^\nRUN dnf clean all\n",
    },
    { bad: "FROM a\nRUN dnf install -y jq\n#   ^^^^^^^^^^^\nRUN dnf install -yC jq && dnf clean all\n" },
  ],
  fine: [
    "FROM fedora\nRUN dnf install -y curl && dnf -y clean all\n",
    "FROM fedora\nRUN dnf install -y curl && rm -rf /var/cache/dnf/*\n",
    "FROM fedora\nRUN dnf install -y curl && rm -rf /var/cache/*\n",
    "FROM fedora\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y curl\n",
    "FROM fedora AS build\nRUN dnf install -y gcc\nFROM scratch\nCOPY --from=build /app /app\n",
    "FROM fedora\nRUN dnf remove -y curl\n",
  ],
  stage: (stage) => rpmLeftovers(stage, dnf, { verbs: downloading, folders }),
});
