import type { CancellationToken, LanguageClient } from "vscode-languageclient/node";
import { EngineError } from "../engine/base/errors.ts";
import type { FileEntry, FileList } from "../engine/base/files-api.ts";
import type { Engines } from "./engines/engines.ts";
import { readAll, send } from "./engines/http.ts";

/** As the language server reads it; null: nobody can say. */
type Answer = { readonly entries: readonly { readonly name: string; readonly isFolder: boolean }[] } | null;

/**
 * Answers what the language server asks for completion: the files in one folder of an image that the running engine has. No
 * engine is started for it, and no image is fetched. Only ours can say it.
 */
export function answerImageFiles(
  client: Pick<LanguageClient, "onRequest">,
  engines: Pick<Engines, "running">,
  onProblem: (problem: string) => void,
): void {
  const answer = async (
    { image, path }: { readonly image: string; readonly path: string },
    token: CancellationToken,
  ): Promise<Answer> => {
    const left = new AbortController();
    token.onCancellationRequested(() => left.abort());
    try {
      const engine = await engines.running();
      if (!engine?.isEmbedded || left.signal.aborted) return null;
      const url = `/drydock/images/${encodeURIComponent(image)}/files?${new URLSearchParams({ path })}`;
      const list: FileList = JSON.parse(
        await readAll(await send(engine.transport, "GET", url, undefined, left.signal)),
      );
      return { entries: (list.entries ?? []).map((entry) => ({ name: entry.name, isFolder: isFolder(entry) })) };
    } catch (error) {
      if (error instanceof EngineError && error.code === "not-found") return { entries: [] };
      if (!left.signal.aborted) onProblem(String(error));
      return null;
    }
  };
  client.onRequest("drydock/imageFiles", answer);
}

function isFolder({ type, targetType }: FileEntry): boolean {
  return (targetType ?? type) === "folder";
}
