import * as vscode from "vscode";
import type { BuildFacts } from "../../../engine/base/build-facts.ts";
import { msg } from "../../../engine/base/message.ts";
import { contextOf, factsOf } from "../../builds/facts.ts";
import { type BuildSettings, readSettings, type SecretPlace, saveSettings } from "../../builds/settings.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";
import { buildChosen, chooseDockerfile } from "./build.ts";

interface Row extends vscode.QuickPickItem {
  /** Undefined: build now. */
  readonly change?: (settings: BuildSettings) => Promise<BuildSettings | undefined>;
}

/** Shows what a build of the Dockerfile will use, lets each part be changed, remembers it, and builds. */
export async function buildWithOptions(services: Services, target?: vscode.Uri): Promise<string | undefined> {
  await services.engines.connection();
  const file = await chooseDockerfile(services, target);
  if (!file) return undefined;
  const key = file.toString();
  const facts = await factsOf(services, file);
  let settings = readSettings(services.storage, key);
  for (;;) {
    const context = await contextOf(services, file, settings);
    const row = await vscode.window.showQuickPick(rows(services, facts, settings, context), {
      title: t(msg("Build {name} with Options", { name: vscode.workspace.asRelativePath(file) })),
      placeHolder: t(msg("Choose what to change, or build")),
      ignoreFocusOut: true,
    });
    if (!row) return undefined;
    if (!row.change) return (await buildChosen(services, file, {}))?.imageId;
    const changed = await row.change(settings);
    if (!changed) continue;
    settings = changed;
    await saveSettings(services.storage, key, settings);
    await services.forecasts.again();
  }
}

function rows(services: Services, facts: BuildFacts, settings: BuildSettings, context: string): Row[] {
  const { buildArgs = {}, secrets = {}, target, platform, noCache, pull } = settings;
  const usual = t(msg("as usual"));
  const list = (record: object) => Object.keys(record).join(", ");
  return [
    { label: `$(tools) ${t(msg("Build"))}` },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: t(msg("Context folder")),
      description: context,
      change: (now) => askContext(now),
    },
    {
      label: t(msg("Target stage")),
      description: target ?? t(msg("the last one")),
      change: (now) => askTarget(services, facts, now),
    },
    {
      label: t(msg("Build arguments")),
      description: list(buildArgs) || usual,
      change: (now) => askArgument(services, facts, now),
    },
    {
      label: t(msg("Secrets")),
      description: list(secrets) || t(msg("none")),
      change: (now) => askSecret(services, facts, now),
    },
    {
      label: t(msg("Platform")),
      description: platform ?? usual,
      change: (now) => askPlatform(services, now),
    },
    {
      label: `${noCache ? "$(check)" : "$(blank)"} ${t(msg("Do every step again, without the cache"))}`,
      change: async ({ noCache: on, ...rest }) => (on ? rest : { ...rest, noCache: true }),
    },
    {
      label: `${pull ? "$(check)" : "$(blank)"} ${t(msg("Look for newer base images"))}`,
      change: async ({ pull: on, ...rest }) => (on ? rest : { ...rest, pull: true }),
    },
    ...(Object.keys(settings).length > 0
      ? [{ label: `$(discard) ${t(msg("Forget all of this"))}`, change: async () => ({}) }]
      : []),
  ];
}

async function askContext(now: BuildSettings): Promise<BuildSettings | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: t(msg("Use as Context")),
      ...(now.context === undefined ? {} : { defaultUri: vscode.Uri.file(now.context) }),
    })) ?? [];
  return folder && { ...now, context: folder.fsPath };
}

async function askTarget(
  { ui }: Services,
  { stages }: BuildFacts,
  now: BuildSettings,
): Promise<BuildSettings | undefined> {
  const named = stages.flatMap(({ name, base }) =>
    name === undefined ? [] : [{ label: name, description: base, value: name }],
  );
  const picked = await ui.pick(
    [{ label: t(msg("the last one")), value: "" }, ...named],
    msg("Up to which stage shall be built?"),
  );
  if (picked === undefined) return undefined;
  const { target: _, ...rest } = now;
  return picked === "" ? rest : { ...rest, target: picked };
}

async function askArgument(
  { ui }: Services,
  { args }: BuildFacts,
  now: BuildSettings,
): Promise<BuildSettings | undefined> {
  const given = now.buildArgs ?? {};
  const known = args.map(({ name, default: value }) => ({
    label: name,
    description: given[name] ?? (value === undefined ? "" : t(msg("default {value}", { value }))),
    value: name,
  }));
  // Proxies and the like need no ARG.
  const more = Object.keys(given)
    .filter((name) => !args.some((arg) => arg.name === name))
    .map((name) => ({ label: name, description: given[name] ?? "", value: name }));
  const other = { label: `$(add) ${t(msg("Another argument…"))}`, value: "" };
  let name = await ui.pick([...known, ...more, other], msg("Which argument?"));
  if (name === "") {
    name = await ui.input({
      title: msg("Build arguments"),
      prompt: msg("Name of the argument"),
      value: "",
      validate: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : msg("Letters, digits and _ only.")),
    });
  }
  if (!name) return undefined;
  const value = await ui.input({
    title: msg("Build arguments"),
    prompt: msg("Value of {name}; empty takes it back to its default", { name }),
    value: given[name] ?? "",
  });
  if (value === undefined) return undefined;
  const { [name]: _, ...others } = given;
  return { ...now, buildArgs: value === "" ? others : { ...others, [name]: value } };
}

async function askSecret(
  { ui }: Services,
  { secrets }: BuildFacts,
  now: BuildSettings,
): Promise<BuildSettings | undefined> {
  const given = now.secrets ?? {};
  const ids = [...new Set([...secrets, ...Object.keys(given)])];
  const shown = (place: SecretPlace | undefined) =>
    place === undefined ? t(msg("not given")) : place.kind === "file" ? place.path : `$${place.name}`;
  const other = { label: `$(add) ${t(msg("Another secret…"))}`, value: "" };
  let id = await ui.pick(
    [...ids.map((one) => ({ label: one, description: shown(given[one]), value: one })), other],
    msg("Which secret of RUN --mount=type=secret?"),
  );
  if (id === "") id = await ui.input({ title: msg("Secrets"), prompt: msg("Id of the secret"), value: "" });
  if (!id) return undefined;
  const from = await ui.pick(
    [
      { label: t(msg("From a file…")), value: "file" as const },
      { label: t(msg("From a variable of the environment…")), value: "environment" as const },
      ...(given[id] ? [{ label: t(msg("Do not give it")), value: "none" as const }] : []),
    ],
    msg("Where does {id} come from? Only the place is remembered.", { id }),
  );
  const { [id]: _, ...others } = given;
  if (from === "none") return { ...now, secrets: others };
  const place = from && (await askPlace(ui, from));
  return place && { ...now, secrets: { ...others, [id]: place } };
}

async function askPlace(ui: Services["ui"], from: "file" | "environment"): Promise<SecretPlace | undefined> {
  if (from === "file") {
    const [file] = (await vscode.window.showOpenDialog({ openLabel: t(msg("Use as Secret")) })) ?? [];
    return file && { kind: "file", path: file.fsPath };
  }
  const name = await ui.input({
    title: msg("Secrets"),
    prompt: msg("Name of the variable"),
    value: "",
    validate: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : msg("Letters, digits and _ only.")),
  });
  return name ? { kind: "environment", name } : undefined;
}

async function askPlatform({ ui }: Services, now: BuildSettings): Promise<BuildSettings | undefined> {
  const picked = await ui.pick(
    [
      { label: t(msg("that of the engine's machine")), value: "" },
      ...[
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/386",
        "linux/ppc64le",
        "linux/s390x",
        "linux/riscv64",
      ].map((name) => ({ label: name, value: name })),
    ],
    msg("For which platform?"),
  );
  if (picked === undefined) return undefined;
  const { platform: _, ...rest } = now;
  return picked === "" ? rest : { ...rest, platform: picked };
}
