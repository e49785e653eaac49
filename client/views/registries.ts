import { EngineError } from "../../engine/base/errors.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { hubHost, type RegistryEntry } from "../registries/entries.ts";
import { compareTags } from "../registries/tag-order.ts";
import type { Node } from "./node.ts";

export interface RegistryNode extends Node {
  readonly host: string;
  readonly namespace?: string;
  /** As a pull wants it: `node`, `localhost:5000/app`. */
  readonly repository?: string;
  /** With its tag. */
  readonly reference?: string;
}

export interface RegistrySources {
  repositories(host: string, namespace?: string): Promise<readonly string[]>;
  tags(repository: string): Promise<readonly string[]>;
  /** What went wrong, in words. */
  problem(error: unknown): string;
  readonly translate: (message: Message) => string;
}

/** So many rows at once; the rest below one more. */
const mostRows = 100;

/** Registries, what they have, and its tags: each is asked when it is opened. */
export function registryNodes(entries: readonly RegistryEntry[], sources: RegistrySources): RegistryNode[] {
  return entries.map((entry) => {
    const { host, namespaces = [] } = entry;
    const isHub = host === hubHost;
    const label = isHub ? "Docker Hub" : host;
    return {
      id: host,
      host,
      label,
      icon: { id: isHub ? "globe" : "server" },
      tooltip: host,
      kind: isHub ? "registry.hub" : "registry.other",
      loadChildren: async () =>
        isHub
          ? namespaces.map((namespace) => namespaceNode(host, namespace, sources))
          : listed(entry, undefined, sources),
    };
  });
}

function namespaceNode(host: string, namespace: string, sources: RegistrySources): RegistryNode {
  const isOfficial = namespace === "library";
  return {
    id: `${host}/${namespace}/`,
    host,
    namespace,
    label: namespace,
    description: isOfficial ? sources.translate(msg("official images")) : "",
    icon: { id: "organization" },
    kind: "registry.namespace",
    loadChildren: () => listed({ host }, namespace, sources),
  };
}

/** What is listed and what was named by hand; why there is no list stands among them. */
async function listed(
  { host, repositories = [] }: RegistryEntry,
  namespace: string | undefined,
  sources: RegistrySources,
): Promise<RegistryNode[]> {
  const found: string[] = [...repositories];
  const problems: RegistryNode[] = [];
  try {
    found.push(...(await sources.repositories(host, namespace)));
  } catch (error) {
    problems.push(...problemNodes(`${host}/${namespace ?? ""}`, host, error, sources));
  }
  const names = [...new Set(found)].sort((a, b) => a.localeCompare(b));
  const rows = names.map((repository): RegistryNode => {
    const prefix = namespace === undefined ? `${host}/` : "";
    return {
      id: `${host} ${repository}`,
      host,
      repository,
      label: repository.startsWith(prefix) ? repository.slice(prefix.length) : repository,
      icon: { id: "repo" },
      tooltip: repository,
      kind: repositories.includes(repository) ? "registry.repository.added" : "registry.repository",
      loadChildren: () => tagNodes(host, repository, sources),
    };
  });
  return [...problems, ...inPieces(rows, `${host}/${namespace ?? ""}`, host, sources)];
}

async function tagNodes(host: string, repository: string, sources: RegistrySources): Promise<RegistryNode[]> {
  try {
    const tags = [...(await sources.tags(repository))].sort(compareTags);
    const rows = tags.map((tag): RegistryNode => {
      const reference = `${repository}:${tag}`;
      return {
        id: `${host} ${reference}`,
        host,
        repository,
        reference,
        label: tag,
        icon: { id: "tag" },
        tooltip: reference,
        accessibleLabel: reference,
        kind: "registry.tag",
      };
    });
    return inPieces(rows, `${host} ${repository}:`, host, sources);
  } catch (error) {
    return problemNodes(`${host} ${repository}`, host, error, sources);
  }
}

/** For a narrow side bar: the sentence is cut there. */
function shortProblem(error: unknown): Message | undefined {
  if (!(error instanceof EngineError)) return undefined;
  switch (error.code) {
    case "registry-unreachable":
      return msg("no connection");
    case "unauthorized":
    case "registry-denied":
      return msg("login wanted");
    case "unsupported":
      return msg("lists nothing");
    default:
      return undefined;
  }
}

function inPieces(rows: readonly RegistryNode[], id: string, host: string, sources: RegistrySources): RegistryNode[] {
  if (rows.length <= mostRows + 1) return [...rows];
  const rest = rows.slice(mostRows);
  const label = sources.translate(msg("{count} more", { count: rest.length }));
  const more: RegistryNode = {
    id: `${id}more${rest.length}`,
    host,
    label,
    icon: { id: "ellipsis" },
    kind: "registry.more",
    loadChildren: async () => inPieces(rest, id, host, sources),
  };
  return [...rows.slice(0, mostRows), more];
}

/** What went wrong, and a row that asks again. */
function problemNodes(id: string, host: string, error: unknown, sources: RegistrySources): RegistryNode[] {
  const text = sources.problem(error);
  const short = shortProblem(error);
  return [
    {
      id: `${id} problem`,
      host,
      ...(short ? { label: sources.translate(short), description: text } : { label: text }),
      tooltip: text,
      icon: { id: "warning", color: "list.warningForeground" },
      kind: "registry.problem",
    },
    {
      id: `${id} again`,
      host,
      label: sources.translate(msg("Try Again")),
      icon: { id: "refresh" },
      kind: "registry.again",
      command: { id: "drydock.registries.refresh", arguments: [] },
    },
  ];
}
