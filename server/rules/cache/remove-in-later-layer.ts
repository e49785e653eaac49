import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { covers, hasMountOn, isRemovedAfter, isShipped } from "../../lint/cleanups.ts";
import { contextCopies } from "../../lint/copies.ts";
import { copiedPaths, downloadedPath, fullPath, isInWholeCopy, removedPaths } from "../../lint/layer-files.ts";
import { apk, apt, dnf, type PackageTool, packageCalls, yum } from "../../lint/packages.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

const lists = "/var/lib/apt/lists";
const systems: readonly { readonly tool: PackageTool; readonly removes: readonly string[] }[] = [
  { tool: apt, removes: ["remove", "purge"] },
  { tool: apk, removes: ["del"] },
  { tool: yum, removes: ["remove", "erase"] },
  { tool: dnf, removes: ["remove", "rm"] },
];

export default defineRule({
  id: "cache/remove-in-later-layer",
  severity: "info",
  presets: { learner: "warning" },
  summary: msg("Deleting in a later layer frees nothing: the earlier layer keeps the files"),
  why: msg(
    "An image is a pile of layers, and a layer is never changed again. Delete in the RUN that made the files, do not copy them at all (.dockerignore), or make them in a build stage and take only the result.",
  ),
  note: msg("Stages that are thrown away are left alone: their layers are in no image."),
  sameAs: [],
  fix: "none",
  examples: [
    {
      bad: "FROM debian\nCOPY setup.sh /tmp/\nRUN sh /tmp/setup.sh && rm /tmp/setup.sh\n#                          ^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nWORKDIR /src\nCOPY a.tar.gz b.tar.gz ./\nRUN make \\\n && rm -f a.tar.gz /src/b.tar.gz\n#         ^^^^^^^^\n#                  ^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN apt-get clean && rm -rf /var/lib/apt/lists/*\n#                           ^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nWORKDIR /opt\nRUN curl -fsSLO https://host.org/a.tgz\nRUN <<EOF\ntar xf a.tgz\nrm a.tgz\n#  ^^^^^\nEOF\n",
    },
    {
      bad: "FROM debian\nRUN wget -O /a.zip https://host.org/x\nRUN unzip /a.zip && sudo rm /a.zip\n#                           ^^^^^^\n",
    },
    {
      bad: "FROM alpine\nRUN apk add --virtual .deps gcc make\nCOPY . .\nRUN make && apk del .deps\n#                   ^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN apt-get install -y gcc make=1\nRUN apt-get purge -y gcc python && apt-get autoremove\n#                    ^^^\n",
    },
    {
      files: { "test/a.js": "", "server.js": "" },
      bad: "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci && rm -rf test node_modules\n#                    ^^^^\n",
    },
  ],
  fine: [
    "FROM debian\nRUN curl -fsSLO https://host.org/a.tgz && tar xf a.tgz && rm a.tgz\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*\n",
    "FROM debian AS build\nCOPY a.tar /a.tar\nRUN tar xf /a.tar && rm /a.tar\nFROM scratch\nCOPY --from=build /out /\n",
    "FROM debian\nADD a.tar.gz /src/\nRUN rm -f /src/a.tar.gz\n",
    "FROM nginx\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY default.conf /etc/nginx/conf.d/\n",
    "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n",
    "FROM alpine\nRUN apk add --virtual .deps gcc && make && apk del .deps\nRUN apk del busybox\n",
    {
      text: "FROM node\nWORKDIR /app\nCOPY . .\nRUN rm -rf test\n",
      files: { ".dockerignore": "test\n", "test/a.js": "" },
    },
    "FROM debian\nCOPY a.sh /a.sh\nCMD rm /a.sh\n",
  ],
  *stage(stage) {
    if (!isShipped(stage) || !stage.commands(...removers).some(mayRemove)) return;
    const layers = new Layers(stage);
    for (const view of stage.instructions) {
      if (view.onbuild) continue;
      if (view.keyword === "RUN") yield* layers.removals(view);
      layers.add(view);
    }
  },
});

const removers = ["rm", ...systems.flatMap(({ tool }) => tool.programs)];
const removing = new Set(systems.flatMap(({ removes }) => removes));

/** Most stages remove nothing, and need not be looked through. */
function mayRemove({ command: { name, args } }: { readonly command: Command }): boolean {
  return name === "rm" || args.some(({ text }) => removing.has(text));
}

/** What the layers above an instruction hold, by what a later command would call it. */
class Layers {
  readonly #stage: StageView;
  readonly #copied = new Map<InstructionView, string[]>();
  /** Path, or tool and package, to the words that brought it. */
  readonly #held = new Map<string, Range>();
  readonly #wholes = new Map<InstructionView, string>();
  #whole: { readonly to: string; readonly range: Range } | undefined;
  #lists: Range | undefined;

  constructor(stage: StageView) {
    this.#stage = stage;
    for (const { view, path } of copiedPaths(stage)) {
      const paths = this.#copied.get(view);
      if (paths) paths.push(path);
      else this.#copied.set(view, [path]);
    }
    const views = new Map(stage.only("COPY", "ADD").map((view) => [view.instruction, view]));
    for (const { instruction, destination, isWhole } of contextCopies(stage.stage)) {
      const to = isWhole ? fullPath(destination, stage.workdirAt(instruction) ?? "/") : undefined;
      const view = views.get(instruction);
      if (view && to !== undefined) this.#wholes.set(view, to);
    }
  }

  add(view: InstructionView): void {
    const { range } = view.instruction;
    for (const path of this.#copied.get(view) ?? []) this.#held.set(path, range);
    const to = this.#wholes.get(view);
    if (to !== undefined) this.#whole = { to, range };
    if (view.keyword !== "RUN") return;
    const folder = this.#folder(view);
    const removed = new Set<string>();
    // From the end: what is deleted further down does not stay.
    for (const command of [...view.script.commands].reverse()) {
      for (const { path } of removedPaths(command, folder)) removed.add(path);
      const path = downloadedPath(command, folder);
      if (path !== undefined && !removed.has(path) && !hasMountOn(view, path)) this.#held.set(path, command.range);
    }
    for (const { tool } of systems) {
      for (const call of packageCalls(view.script.commands, tool, ["install", "add"])) {
        const virtual = call.flags.find(({ name }) => /^(?:-t|--virtual)$/.test(name))?.value;
        const names =
          tool === apk && virtual ? [virtual] : call.operands.map(({ text }) => text.replace(/[=~<>].*$/, ""));
        for (const name of names) this.#held.set(`${tool.programs[0]} ${name}`, call.command.range);
      }
    }
    const [update] = packageCalls(view.commands(...apt.programs), apt, ["update"]);
    if (!update) return;
    const isKept = !hasMountOn(view, lists) && !isRemovedAfter(view, update.command, [lists]);
    this.#lists = isKept ? update.command.range : undefined;
  }

  *removals(view: InstructionView): Iterable<Report> {
    const folder = this.#folder(view);
    for (const command of view.script.commands) yield* this.#removalsBy(command, view, folder);
  }

  *#removalsBy(command: Command, view: InstructionView, folder: string | undefined): Iterable<Report> {
    for (const { word, path } of removedPaths(command, folder)) {
      const isWhole = this.#whole && isInWholeCopy(path, this.#whole.to, this.#stage.project);
      const from =
        this.#held.get(path) ??
        (isWhole ? this.#whole?.range : undefined) ??
        (this.#lists && covers(path, lists) && !updatesIn(view) ? this.#lists : undefined);
      if (from) yield report(word.range, word.text, from);
    }
    for (const { tool, removes } of systems) {
      for (const { operands } of packageCalls([command], tool, removes)) {
        for (const { range, text } of operands) {
          const from = this.#held.get(`${tool.programs[0]} ${text}`);
          if (from) yield report(range, text, from);
        }
      }
    }
  }

  #folder({ instruction, script }: InstructionView): string | undefined {
    // After a `cd` nobody knows.
    const moves = script.commands.some(({ name }) => name === "cd" || name === "pushd");
    return moves ? undefined : (this.#stage.workdirAt(instruction) ?? "/");
  }
}

function report(range: Range, text: string, from: Range): Report {
  return {
    range,
    message: msg("{path} stays in the image: the layer that brought it keeps it", { path: text }),
    related: [{ range: from, message: msg("It comes from here") }],
  };
}

function updatesIn(view: InstructionView): boolean {
  return packageCalls(view.commands(...apt.programs), apt, ["update"]).length > 0;
}
