import { msg } from "../../../engine/base/message.ts";
import { cleanSummary, cleanWhy, rpmLeftovers } from "../../lint/cleanups.ts";
import { yum } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const folders = ["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"];
const downloading = ["install", "reinstall", "localinstall", "groupinstall", "update", "upgrade"];

export default defineRule({
  id: "packages/yum-clean",
  severity: "info",
  presets: { strict: "warning" },
  summary: cleanSummary("yum"),
  why: cleanWhy(),
  note: msg("A cache mount on the manager's own folder counts; stages that are thrown away are left alone."),
  sameAs: ["hadolint:DL3032"],
  fix: "suggestion",
  sees: yum.programs,
  examples: [
    {
      bad: "FROM centos:7\nRUN yum install -y curl\n#   ^^^^^^^^^^^\n",
      good: "FROM centos:7\nRUN yum install -y curl && yum clean all\n",
    },
    {
      bad: "FROM centos:7\nRUN yum update -y \\\n && yum -y install \\\n#   ^^^^^^^^^^^^^^\n    curl \\\n && curl -V\n",
      good: "FROM centos:7\nRUN yum update -y \\\n && yum -y install \\\n    curl \\\n && yum clean all \\\n && curl -V\n",
    },
    {
      bad: "FROM centos:7\nONBUILD RUN <<EOF\nsudo yum install -y curl\n#    ^^^^^^^^^^^\nEOF\n",
      good: "FROM centos:7\nONBUILD RUN <<EOF\nsudo yum install -y curl && sudo yum clean all\nEOF\n",
    },
    {
      bad: "FROM centos:7\nRUN yum clean all && (yum install -y curl)\n#                     ^^^^^^^^^^^\nRUN yum clean all\n",
    },
    { bad: "FROM a\nRUN yum install -y jq\n#   ^^^^^^^^^^^\nRUN yum install -yC jq && yum clean all\n" },
  ],
  fine: [
    "FROM centos:7\nRUN yum install -y curl && yum -y clean all\n",
    "FROM centos:7\nRUN yum install -y curl && rm -rf /var/cache/yum/*\n",
    "FROM centos:7\nRUN yum install -y curl && rm -rf /var/cache/*\n",
    "FROM centos:7\nRUN --mount=type=cache,target=/var/cache/yum yum install -y curl\n",
    "FROM centos:7 AS build\nRUN yum install -y gcc\nFROM scratch\nCOPY --from=build /app /app\n",
    "FROM centos:7\nRUN yum remove -y curl\n",
  ],
  stage: (stage) => rpmLeftovers(stage, yum, { verbs: downloading, folders }),
});
