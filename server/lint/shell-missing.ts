import { copyParts } from "./copy-parts.ts";
import { inherited } from "./inherited.ts";
import { lacksShell, rootBase } from "./known-bases.ts";
import { inEffect, lastOwn } from "./start-command.ts";
import type { InstructionView, StageView } from "./views.ts";

interface Asking {
  /** Something may have brought a shell. */
  readonly mayHave: boolean;
  readonly views: ReadonlySet<InstructionView>;
}

/** What of a stage is given to /bin/sh where it is plain that there is none: RUN, and the CMD, ENTRYPOINT and HEALTHCHECK that count. */
export function asksMissingShell(stage: StageView): ReadonlySet<InstructionView> {
  return asking(stage).views;
}

/** What `asksMissingShell` looks at, for `Rule.sees`. */
export const seenForShell: readonly string[] =
  "ADD COPY RUN CMD ENTRYPOINT HEALTHCHECK SHELL WORKDIR ARG ENV @flags @json @heredoc".split(" ");

const asking = inherited<Asking>((stage, above) => {
  let mayHave = above?.mayHave ?? !lacksShell(rootBase(stage));
  const views = new Set<InstructionView>();
  if (mayHave) return { mayHave, views };
  for (const view of stage.only("COPY", "ADD", "RUN")) {
    if (mayHave) break;
    if (view.keyword !== "RUN") mayHave = mayBringShell(view, stage);
    // What is started directly, or sees the files of another image, may install a shell.
    else if (view.instruction.json || view.mounts.some(({ type }) => type === "bind" || type === "cache"))
      mayHave = true;
    else if (isForShell(view)) views.add(view);
  }
  if (mayHave) return { mayHave, views };
  const start = inEffect(stage, "ENTRYPOINT");
  const isEmpty = !start || start.instruction.json?.length === 0;
  for (const view of [lastOwn(stage, "ENTRYPOINT"), isEmpty ? lastOwn(stage, "CMD") : undefined])
    if (view && isForShell(view)) views.add(view);
  const check = lastOwn(stage, "HEALTHCHECK");
  if (check && isForShell(check)) views.add(check);
  return { mayHave, views };
});

/** A body with `#!` names its own program, and what starts like a list is a mistake of its own. */
function isForShell({ instruction, keyword, shell, escape: escapeCharacter, onbuild }: InstructionView): boolean {
  const { rest, json, heredocs } = instruction;
  const text = rest.text.trim().replace(keyword === "HEALTHCHECK" ? /^CMD\s+|^NONE$/i : "", "");
  return (
    !onbuild &&
    !json &&
    shell.isDefault &&
    shell.words[0] === "/bin/sh" &&
    escapeCharacter === "\\" &&
    text !== "" &&
    !text.startsWith("[") &&
    !heredocs[0]?.content.startsWith("#!")
  );
}

/** ADD unpacks whole systems. COPY says by its destination whether it can make /bin/sh, or /bin a link. */
function mayBringShell({ instruction }: InstructionView, stage: StageView): boolean {
  const to = copyParts(instruction)?.destination.text;
  if (instruction.keyword === "ADD" || to === undefined) return true;
  const folder = to.startsWith("/") ? "" : (stage.workdirAt(instruction) ?? "");
  const path = `/${folder}/${to}`
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  return /\$|\.\./.test(path) || path === "" || path === "usr" || systemFolders.test(path);
}

const systemFolders = /^(?:usr\/)?(?:s?bin|lib\w*)(?:\/|$)/;
