import type { EngineStatus } from "../../engine/base/drydock-api.ts";
import { formatMessage } from "../../engine/base/message.ts";

/** What a report of a problem says of this machine. Nothing in it names a person, a path, a host or a secret. */
export interface ReportFacts {
  readonly version: string;
  readonly editor: string;
  readonly platform: string;
  readonly remote: string | undefined;
  /** `embedded`, `docker`, `podman`; undefined: none was needed yet. */
  readonly engine: string | undefined;
  readonly status: EngineStatus | undefined;
  readonly settings: readonly SetSetting[];
}

export interface SetSetting {
  readonly key: string;
  readonly value: unknown;
  /** What the manifest allows, when these are words that anybody may read. */
  readonly choices?: readonly unknown[];
}

/** Markdown, in English: it is for us. */
export function reportText(facts: ReportFacts): string {
  const { status } = facts;
  const lines = [
    `- Drydock ${facts.version}, ${facts.editor}, ${facts.platform}${facts.remote ? `, remote: ${kindOf(facts.remote)}` : ""}`,
    `- Engine: ${facts.engine ?? "none used yet"}${status ? `, ${engineLine(status)}` : ""}`,
    ...(status?.notes ?? []).map(
      ({ template, args }) => `- Note: ${formatMessage({ template, ...(args && { args: onlyNames(args) }) })}`,
    ),
    ...facts.settings.map((setting) => `- \`${setting.key}\`: ${shownValue(setting)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** `ssh-remote`, `wsl`; where VS Code is served from a host, that host is all its name. */
function kindOf(remote: string): string {
  return /^[a-z]+(?:-[a-z]+)*$/.test(remote) ? remote : "(a host)";
}

function engineLine({ version, isolation, outbound, runtime, seccomp, cgroups }: EngineStatus): string {
  const groups = cgroups.version === undefined ? "none" : `v${cgroups.version} (${cgroups.controllers.join(" ")})`;
  return `${version}, isolation ${isolation}, network ${outbound}, runtime ${runtime}, seccomp ${seccomp}, control groups ${groups}`;
}

/** Numbers, switches and the manifest's own words; of everything else only that it is set, and severities of rules. */
export function shownValue({ key, value, choices }: SetSetting): string {
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (choices?.includes(value)) return String(value);
  if (key === "drydock.lint.rules" && typeof value === "object" && value !== null) {
    const rules = Object.entries(value).filter(
      ([id, level]) => /^[a-z]+\/[a-z-]+$/.test(id) && /^(?:off|hint|info|warning|error)$/.test(String(level)),
    );
    return rules.map(([id, level]) => `${id}=${level}`).join(", ") || "(set)";
  }
  return "(set)";
}

/** A note's arguments are commands and programs' names; the account's name stands in the command that adds ids. */
function onlyNames(args: Readonly<Record<string, unknown>>): Record<string, string> {
  const name = (text: string) =>
    text.replace(/(--add-subgids \S+ )\S+/, "$1(account)").replace(/\/(?:home|Users|root)\S*/g, "(path)");
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, name(String(value))]));
}
