import { readMountFields } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Position, Range } from "../../../engine/base/ranges.ts";
import { contains } from "../../lint/fixes.ts";
import { splitImageName } from "../../lint/image-names.ts";
import type { ImageFacts } from "../image-facts.ts";
import { imagePage } from "../image-pages.ts";
import { formatAge, formatBytes } from "./amounts.ts";
import { code, type HoverAsks, paragraphs, type Said, type Spot } from "./spot.ts";

/** The image of FROM, `--from=` or a mount. */
export async function ofImage(spot: Spot): Promise<Said | undefined> {
  const place = imageAt(spot);
  if (!place) return undefined;
  const { text, range } = place;
  if (text.toLowerCase() === "scratch") {
    const says = msg(
      "The empty image: no files, no shell, no package manager. For programs that need nothing but themselves.",
    );
    return { text: `**scratch** — ${spot.translate(says)}`, range };
  }
  return { text: await imageText(text, spot), range };
}

function imageAt({ instruction, position, view }: Spot): { text: string; range: Range } | undefined {
  const [first] = instruction.words;
  if (instruction.keyword === "FROM") {
    if (!view || !first || view.base.kind === "stage" || !contains(first.range, position)) return undefined;
    return { text: view.base.resolved ?? first.text, range: first.range };
  }
  for (const flag of instruction.flags) {
    if (!contains(flag.range, position)) continue;
    if (flag.name === "from" && flag.value && flag.valueRange && contains(flag.valueRange, position)) {
      return /^\d+$/.test(flag.value) ? undefined : { text: flag.value, range: flag.valueRange };
    }
    return flag.name === "mount" ? imageOfMount(flag, position) : undefined;
  }
  return undefined;
}

function imageOfMount(flag: Spot["instruction"]["flags"][number], position: Position) {
  const from = readMountFields(flag).fields.find(({ key }) => key === "from");
  return from?.value && contains(from.valueRange, position) ? { text: from.value, range: from.valueRange } : undefined;
}

/** What is known of an image by its name, and by an engine that has it. */
export async function imageText(reference: string, { translate, findImage }: HoverAsks): Promise<string> {
  const { registry = "docker.io", repository, tag, digest } = splitImageName(reference);
  const isKnown = !reference.includes("$");
  const facts = isKnown ? await findImage?.(reference) : undefined;
  const path = registry === "docker.io" && !repository.includes("/") ? `library/${repository}` : repository;
  const whole = `${registry}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
  const page = imagePage(reference);
  return paragraphs(
    `**${code(reference)}**${isKnown && whole !== reference ? ` — ${code(whole)}` : ""}`,
    isKnown &&
      tag === undefined &&
      digest === undefined &&
      translate(msg("Without a tag it is :latest, which is another image tomorrow.")),
    facts === null && translate(msg("It is not on this machine; a build fetches it.")),
    facts ? factLines(facts, translate) : undefined,
    page && `[${page.replace("https://", "")}](${page})`,
  );
}

function factLines(facts: ImageFacts, translate: HoverAsks["translate"]): string {
  const lines: string[] = [];
  const add = (what: Parameters<typeof translate>[0], value: string | undefined) => {
    if (value !== undefined && value !== "") lines.push(`- ${translate(what)}: ${value}`);
  };
  const list = (values: readonly string[]) => values.slice(0, 8).map(code).join(" ");
  const { sizeBytes, createdMs, digest } = facts;
  add(msg("Digest"), digest === undefined ? undefined : code(digest));
  add(msg("Names"), list(facts.tags));
  add(msg("Size"), sizeBytes === undefined ? undefined : formatBytes(sizeBytes));
  add(msg("Made"), createdMs === undefined ? undefined : translate(formatAge(createdMs, Date.now())));
  add(msg("Platform"), list(facts.platforms));
  add(msg("User"), facts.user ? code(facts.user) : code("root"));
  add(msg("Working folder"), facts.workdir ? code(facts.workdir) : undefined);
  add(msg("Ports"), list(facts.ports));
  add(msg("Starts"), list([...facts.entrypoint, ...facts.command]));
  const env = Object.keys(facts.env);
  add(msg("Variables"), env.length > 8 ? `${list(env)} …` : list(env));
  return lines.join("\n");
}
