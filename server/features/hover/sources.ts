import { type Message, msg } from "../../../engine/base/message.ts";
import { escapeBrackets } from "../../../engine/context/match.ts";
import { copyParts, isRemote } from "../../lint/copy-parts.ts";
import { contains } from "../../lint/fixes.ts";
import { type Measured, measure } from "../context-measure.ts";
import { formatBytes } from "./amounts.ts";
import { code, paragraphs, type Said, type Spot } from "./spot.ts";
import { expandedHere } from "./variables.ts";

/** Nobody waits longer for a hover. */
const patienceMs = 200;

/** A source or the destination of COPY and ADD: what it stands for. */
export async function ofSource(spot: Spot): Promise<Said | undefined> {
  const { instruction, position, translate } = spot;
  const parts = copyParts(instruction);
  if (!parts) return undefined;
  const { destination, from } = parts;
  if (contains(destination.range, position)) return ofDestination(spot, destination);
  const part = parts.sources.find(({ range }) => contains(range, position));
  if (!part || part.text.startsWith("<<")) return undefined;
  const { range } = part;
  const text = expandedHere(spot, part.text) ?? part.text;
  if (from !== undefined) {
    const path = `/${text.replace(/^\/+/, "")}`;
    return { text: translate(msg("{path} of {from}", { path: code(path), from: code(from) })), range };
  }
  if (isRemote(text)) return { text: translate(remote(instruction)), range };
  const { project } = spot.analysis;
  if (project.folder === undefined || text.includes("$")) return undefined;
  const values = (flag: string) =>
    instruction.flags.flatMap(({ name, value }) => (name === flag && value ? [value] : []));
  const measured = await measure(project, text, {
    excludes: values("exclude"),
    crossesFolders: instruction.flags.some(({ name, value }) => name === "parents" && value !== "false"),
    longestMs: spot.longestMs ?? patienceMs,
    ...(spot.signal && { signal: spot.signal }),
  });
  return measured && { text: measuredText(text, measured, spot), range };
}

function measuredText(source: string, measured: Measured, { analysis, translate }: Spot): string {
  const { names, files, sizeBytes, isComplete, ignored, largest } = measured;
  const amount = { count: files, size: formatBytes(sizeBytes) };
  const ignoreFile = analysis.project.ignore?.name ?? ".dockerignore";
  if (names === 0 && ignored && source.includes("[")) {
    return translate(
      msg("[ and ] are a pattern for one of the characters between them: {path} is the name itself", {
        path: code(escapeBrackets(source)),
      }),
    );
  }
  if (names === 0) {
    return translate(
      ignored
        ? msg("{file} takes {path} out of the build context: there is nothing to copy", {
            file: code(ignoreFile),
            path: code(source),
          })
        : msg("There is no {path} in the build context", { path: code(source) }),
    );
  }
  const total = isComplete ? msg("{count} files, {size}", amount) : msg("More than {count} files, {size}", amount);
  const isPattern = /[*?[]/.test(source);
  const matches = measured.first.map((name) => `- ${code(name)}`).join("\n");
  const heavy = largest.map(({ name, sizeBytes: size }) => `- ${code(name)} — ${formatBytes(size)}`).join("\n");
  return paragraphs(
    `**${code(source)}** — ${translate(files === 1 && isComplete ? msg("1 file, {size}", amount) : total)}`,
    isPattern && names > 1 && translate(msg("{count} matches", { count: names })),
    isPattern && `${matches}${names > measured.first.length ? "\n- …" : ""}`,
    largest.length > 1 && `${translate(msg("Largest"))}\n\n${heavy}`,
    analysis.project.ignore && translate(msg("Without what {file} leaves out.", { file: code(ignoreFile) })),
  );
}

function remote({ flags }: Spot["instruction"]): Message {
  return flags.some(({ name }) => name === "checksum")
    ? msg("It is fetched during the build and compared with the checksum.")
    : msg("It is fetched during the build. With --checksum=sha256:… the build ends when it is something else.");
}

function ofDestination(spot: Spot, { text: written, range }: { text: string; range: Said["range"] }): Said | undefined {
  const { view, outer, translate } = spot;
  const text = expandedHere(spot, written);
  if (text === undefined) return undefined;
  const workdir = view?.workdirAt(outer);
  const isAbsolute = /^(?:\/|[A-Za-z]:)/.test(text);
  if (!isAbsolute && workdir === undefined) {
    return {
      text: translate(msg("Relative to the working folder of the base image: no WORKDIR stands above.")),
      range,
    };
  }
  const whole = isAbsolute ? text : joined(workdir ?? "", text);
  const isFolder = /(?:^|\/)\.?$/.test(text);
  const says = isFolder
    ? msg("{path}, a folder", { path: code(whole) })
    : msg("{path}: a file, or a folder when a folder is copied or it is there already", { path: code(whole) });
  return { text: translate(says), range };
}

/** An absolute path of a relative one. */
export function joined(workdir: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${workdir}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}${parts.length > 0 && /\/\.?$/.test(path) ? "/" : ""}`;
}
