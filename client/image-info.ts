import type { ImageInspectInfo } from "dockerode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Engines } from "./engines/engines.ts";

/** As the language server reads it: ImageFacts of server/features/image-facts.ts. */
interface ImageAnswer {
  /** Null: the engine has no such image. */
  readonly image: ReturnType<typeof factsOf> | null;
}

/**
 * Answers what the language server asks for hovers and hints: what the running engine knows of an image that it has. No engine
 * is started for it, and no registry is asked.
 */
export function answerImageInfo(
  client: Pick<LanguageClient, "onRequest">,
  engines: Pick<Engines, "running">,
  onProblem: (problem: string) => void,
): void {
  const answer = async ({ reference }: { readonly reference: string }): Promise<ImageAnswer | null> => {
    try {
      const engine = await engines.running();
      if (!engine) return null;
      const image = await engine.docker.getImage(reference).inspect();
      return { image: factsOf(image) };
    } catch (error) {
      if (isMissing(error)) return { image: null };
      onProblem(String(error));
      return null;
    }
  };
  client.onRequest("drydock/imageInfo", answer);
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404;
}

/** Engines leave out what is empty. */
export function factsOf(image: Partial<ImageInspectInfo>) {
  const { Config: config, Os = "", Architecture = "", RepoDigests, RepoTags, Id, Size, Created } = image;
  const digest = RepoDigests?.[0]?.split("@")[1] ?? Id;
  const createdMs = Created === undefined ? Number.NaN : Date.parse(Created);
  const entrypoint = config?.Entrypoint ?? [];
  const pairs = (config?.Env ?? []).map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return {
    tags: RepoTags ?? [],
    digest,
    sizeBytes: Size,
    ...(Number.isFinite(createdMs) && { createdMs }),
    platforms: Os && Architecture ? [`${Os}/${Architecture}`] : [],
    user: config?.User,
    workdir: config?.WorkingDir,
    ports: Object.keys(config?.ExposedPorts ?? {}),
    env: Object.fromEntries(pairs),
    entrypoint: typeof entrypoint === "string" ? [entrypoint] : entrypoint,
    command: config?.Cmd ?? [],
  };
}
