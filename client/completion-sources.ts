import type { ImageInfo } from "dockerode";
import type { CancellationToken, LanguageClient } from "vscode-languageclient/node";
import type { Engines } from "./engines/engines.ts";

/** Names or nothing: the language server then offers what it knows by itself. */
type Names = { readonly names: readonly string[] } | null;

/**
 * Answers what the language server asks for completion: the engine's images, and the tags that a repository has in its
 * registry. An engine is not started for it, and in an untrusted workspace nothing is asked.
 */
export function answerImageQuestions(
  client: Pick<LanguageClient, "onRequest">,
  engines: Pick<Engines, "running">,
  onProblem: (problem: string) => void,
): void {
  const ask = async (what: (engine: Running) => Promise<readonly string[]>): Promise<Names> => {
    try {
      const engine = await engines.running();
      return engine ? { names: await what(engine) } : null;
    } catch (error) {
      onProblem(String(error));
      return null;
    }
  };
  client.onRequest("drydock/images", () => ask(async ({ docker }) => namesOf(await docker.listImages())));
  client.onRequest("drydock/tags", (params: { readonly repository: string }, token: CancellationToken) => {
    const left = new AbortController();
    token.onCancellationRequested(() => left.abort());
    return ask(({ tags }) => tags(params.repository, left.signal));
  });
}

type Running = NonNullable<Awaited<ReturnType<Engines["running"]>>>;

/** Each name once, newest image first. */
export function namesOf(images: readonly Pick<ImageInfo, "RepoTags" | "Created">[]): readonly string[] {
  const sorted = [...images].sort((a, b) => b.Created - a.Created);
  const names = sorted.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => !name.includes("<none>"));
  return [...new Set(names)];
}
