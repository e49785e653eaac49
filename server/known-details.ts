import { CancellationTokenSource } from "vscode-languageserver";
import type { FindImage, ImageFacts } from "./features/image-facts.ts";
import type { AskClient } from "./known-images.ts";
import { isRecord } from "./settings.ts";

const ageMs = 30_000;
const mostKept = 100;
/** Answers come from elsewhere. */
const mostItems = 200;
const longestText = 4000;

interface Known {
  readonly facts: Promise<ImageFacts | null | undefined>;
  readonly until: number;
}

/**
 * What the client's engine has said of images that it has: `drydock/imageInfo`. Kept for half a minute; nobody waits longer
 * than `waitMs`, and what comes later is there for the next question.
 */
export function imageDetails(ask: AskClient, waitMs: number, now: () => number = () => performance.now()): FindImage {
  const kept = new Map<string, Known>();
  return async (reference) => {
    let known = kept.get(reference);
    if (!known || known.until <= now()) {
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
      const asked = ask("drydock/imageInfo", { reference }, new CancellationTokenSource().token);
      known = { facts: asked.then(readFacts, () => undefined), until: now() + ageMs };
      kept.delete(reference);
      kept.set(reference, known);
    }
    return inTime(known.facts, waitMs);
  };
}

async function inTime<T>(answer: Promise<T>, waitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), waitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `{image: null}`: the engine has none of that name. Anything else that is no description: nobody knows. */
function readFacts(answer: unknown): ImageFacts | null | undefined {
  if (!isRecord(answer)) return undefined;
  const { image } = answer;
  if (image === null) return null;
  if (!isRecord(image)) return undefined;
  const text = (value: unknown) =>
    typeof value === "string" && value !== "" ? value.slice(0, longestText) : undefined;
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
  const list = (value: unknown) =>
    Array.isArray(value) ? value.slice(0, mostItems).flatMap((one) => text(one) ?? []) : [];
  const env = Object.entries(isRecord(image.env) ? image.env : {}).slice(0, mostItems);
  const [digest, user, workdir] = [text(image.digest), text(image.user), text(image.workdir)];
  const [sizeBytes, createdMs] = [number(image.sizeBytes), number(image.createdMs)];
  return {
    tags: list(image.tags),
    platforms: list(image.platforms),
    ports: list(image.ports),
    entrypoint: list(image.entrypoint),
    command: list(image.command),
    env: Object.fromEntries(env.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []))),
    ...(digest !== undefined && { digest }),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(createdMs !== undefined && { createdMs }),
  };
}
