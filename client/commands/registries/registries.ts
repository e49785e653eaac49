import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import { hubHost } from "../../registries/entries.ts";
import type { Services } from "../../services.ts";
import type { RegistryNode } from "../../views/registries.ts";

/** Asks for the registry and a login, and tries both before it is shown. */
export async function connectRegistry(services: Services): Promise<void> {
  const { ui, registries } = services;
  const host = await ui.input({
    title: msg("Connect Registry"),
    prompt: msg("Host and port, like ghcr.io or localhost:5000; docker.io is Docker Hub."),
    value: "",
    validate: (text) =>
      /^[a-z0-9.-]+(:\d{1,5})?$/i.test(text.trim())
        ? undefined
        : msg("Only a host and perhaps a port, like localhost:5000."),
  });
  if (!host) return;
  const username = await ui.input({
    title: msg("Log in to {registry}: User Name", { registry: host }),
    prompt: msg("User name. Empty: without a login, or with the one that docker has stored."),
    value: "",
  });
  if (username === undefined) return;
  if (username) {
    const password = await ui.input({
      title: msg("Log in to {registry}: Password", { registry: host }),
      prompt: msg("Password or access token. It is kept where docker login keeps it."),
      value: "",
      isSecret: true,
    });
    if (!password) return;
    await ui.whileWaiting(msg("Logging in to {registry}", { registry: host }), () =>
      registries.login(host, username, password),
    );
  } else if (host !== hubHost) {
    await ui.whileWaiting(msg("Asking {registry}", { registry: host }), () =>
      registries.repositories(host).catch((error) => {
        // It answers, and lists nothing: repositories are named by hand.
        if (!(error instanceof EngineError && error.code === "unsupported")) throw error;
      }),
    );
  }
  const namespace = host === hubHost && username ? { namespace: username } : {};
  await registries.change("add", { host, ...namespace });
}

/** Out of the view; a login that is stored is forgotten if the person wants that. */
export async function disconnectRegistry({ ui, registries }: Services, target?: RegistryNode): Promise<void> {
  if (!target) return;
  const { host, namespace, repository } = target;
  if (namespace === undefined && repository === undefined) {
    const answer = await ui.pick(
      [
        { label: ui.text(msg("Keep the login")), value: false },
        { label: ui.text(msg("Log out as well")), description: `docker logout ${host}`, value: true },
      ],
      msg("Disconnect {registry}", { registry: target.label }),
    );
    if (answer === undefined) return;
    if (answer) await registries.logout(host);
  }
  await registries.change("remove", {
    host,
    ...(namespace === undefined ? {} : { namespace }),
    ...(repository === undefined ? {} : { repository }),
  });
}

/** A namespace of Docker Hub, or a repository of a registry that does not list what it has. */
export async function addToRegistry({ ui, registries }: Services, target?: RegistryNode): Promise<void> {
  if (!target) return;
  const { host } = target;
  const isHub = host === hubHost;
  const name = await ui.input({
    title: isHub ? msg("Add Namespace") : msg("Add Repository"),
    prompt: isHub
      ? msg("A user or an organisation of Docker Hub.")
      : msg("The name below {registry}, like owner/app.", { registry: host }),
    value: "",
    validate: (text) =>
      tryParseReference(isHub ? `${text.trim()}/a` : `${host}/${text.trim()}`)
        ? undefined
        : msg("Lower case letters, digits, - _ . and / only."),
  });
  if (!name) return;
  await registries.change("add", { host, ...(isHub ? { namespace: name } : { repository: `${host}/${name}` }) });
}

export async function pullFromRegistry(services: Services, target?: RegistryNode): Promise<void> {
  const name = target?.reference ?? target?.repository;
  if (name === undefined) return;
  const connection = await services.engines.connection();
  await services.ui.withProgress(msg("Pulling {name}", { name }), async (report, signal) => {
    try {
      await connection.pull(name, report, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
}

export async function copyReference(_services: Services, target?: RegistryNode): Promise<void> {
  const name = target?.reference ?? target?.repository;
  if (name !== undefined) await vscode.env.clipboard.writeText(name);
}
