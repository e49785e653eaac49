import { ignoreLines } from "./lines.ts";
import { listContext } from "./listing.ts";
import { ignoreMatcher } from "./matcher.ts";
import { type Survey, surveyContext } from "./survey.ts";

/** How large a build context is, and what makes it large. */
export type ContextSize = Pick<Survey, "files" | "bytes" | "isWhole" | "largest">;

/** Looked up anew: somebody asks for it. */
export async function contextSize(context: string, text: string, signal: AbortSignal): Promise<ContextSize> {
  const matcher = ignoreMatcher(ignoreLines(text));
  const listing = await listContext(context, { ignore: matcher.ignore, signal });
  const { files, bytes, isWhole, largest } = await surveyContext(listing, matcher, signal);
  return { files, bytes, isWhole, largest };
}
