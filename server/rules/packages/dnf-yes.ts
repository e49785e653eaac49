import { msg } from "../../../engine/base/message.ts";
import { dnf, unansweredRpm, yesSummary, yesWhy } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const asking = [
  ...["install", "reinstall", "localinstall", "groupinstall", "update", "upgrade", "remove", "erase"],
  ...["in", "upgrade-minimal", "up", "distro-sync", "autoremove", "downgrade", "swap"],
];

// microdnf's own help says of -y that it does nothing: yes is always assumed.
const asks = dnf.programs.filter((program) => program !== "microdnf");
const askingDnf = { ...dnf, programs: asks };

export default defineRule({
  id: "packages/dnf-yes",
  severity: "warning",
  summary: yesSummary("dnf", "-y"),
  why: yesWhy(),
  sameAs: ["hadolint:DL3038"],
  fix: "safe",
  note: msg("microdnf is left alone: it never asks."),
  sees: [...asks, "ENV", "ARG"],
  examples: [
    {
      bad: "FROM fedora\nRUN dnf install curl && dnf clean all\n#   ^^^^^^^^^^^\n",
      good: "FROM fedora\nRUN dnf install -y curl && dnf clean all\n",
    },
    {
      bad: "FROM fedora\nRUN dnf makecache \\\n  && sudo dnf --enablerepo extras install \\\n#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n     curl\n",
      good: "FROM fedora\nRUN dnf makecache \\\n  && sudo dnf --enablerepo extras install -y \\\n     curl\n",
    },
    {
      bad: 'FROM fedora\nRUN ["dnf", "install", "curl"]\n#    ^^^^^^^^^^^^^^^^\n',
      good: 'FROM fedora\nRUN ["dnf", "install", "-y", "curl"]\n',
    },
    {
      bad: "FROM fedora\nONBUILD RUN <<EOF\ndnf update\n#^^^^^^^^^\nEOF\n",
      good: "FROM fedora\nONBUILD RUN <<EOF\ndnf update -y\nEOF\n",
    },
  ],
  fine: [
    "FROM a\nENV OPTS='-q --setopt=assumeyes=1'\nRUN dnf install $OPTS curl\n",
    "FROM fedora\nRUN dnf install -qy curl && dnf -y update && dnf install --assumeyes git\n",
    "FROM fedora\nRUN yes | dnf install curl\nRUN dnf --setopt=assumeyes=True install curl\n",
    "FROM redhat/ubi9-minimal\nRUN microdnf install curl && microdnf clean all\n",
    "FROM fedora\nRUN dnf clean all && dnf makecache && dnf list\n",
  ],
  stage: (stage) => unansweredRpm(stage, askingDnf, asking),
});
