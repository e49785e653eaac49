import { unansweredRpm, yesSummary, yesWhy, yum } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const asking = [
  ...["install", "reinstall", "localinstall", "groupinstall", "update", "upgrade", "remove", "erase"],
  ...["localupdate", "groupupdate", "autoremove", "downgrade"],
];

export default defineRule({
  id: "packages/yum-yes",
  severity: "warning",
  summary: yesSummary("yum", "-y"),
  why: yesWhy(),
  sameAs: ["hadolint:DL3030"],
  fix: "safe",
  sees: [...yum.programs, "ENV", "ARG"],
  examples: [
    {
      bad: "FROM centos:7\nRUN yum install curl && yum clean all\n#   ^^^^^^^^^^^\n",
      good: "FROM centos:7\nRUN yum install -y curl && yum clean all\n",
    },
    {
      bad: "FROM centos:7\nRUN yum makecache \\\n  && sudo yum --enablerepo extras install \\\n#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n     curl\n",
      good: "FROM centos:7\nRUN yum makecache \\\n  && sudo yum --enablerepo extras install -y \\\n     curl\n",
    },
    {
      bad: 'FROM centos:7\nRUN ["yum", "install", "curl"]\n#    ^^^^^^^^^^^^^^^^\n',
      good: 'FROM centos:7\nRUN ["yum", "install", "-y", "curl"]\n',
    },
    {
      bad: "FROM centos:7\nONBUILD RUN <<EOF\nyum update\n#^^^^^^^^^\nEOF\n",
      good: "FROM centos:7\nONBUILD RUN <<EOF\nyum update -y\nEOF\n",
    },
  ],
  fine: [
    "FROM a\nENV OPTS='-q --setopt=assumeyes=1'\nRUN yum install $OPTS curl\n",
    "FROM centos:7\nRUN yum install -qy curl && yum -y update && yum install --assumeyes git\n",
    "FROM centos:7\nRUN yes | yum install curl\nRUN yum --setopt=assumeyes=True install curl\n",
    "FROM centos:7\nRUN yum clean all && yum makecache && yum list\n",
  ],
  stage: (stage) => unansweredRpm(stage, yum, asking),
});
