import { nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import { type StageSource, stageSources } from "../../lint/stage-sources.ts";
import type { StageView } from "../../lint/views.ts";

/** Images with names like those that people give to stages. */
const images = new Set(
  (
    "alpine bash bun busybox caddy clojure composer debian deno docker elixir erlang fedora gcc golang gradle haproxy httpd " +
    "julia maven memcached mongo mysql nginx node openjdk perl php postgres python redis ruby rust swift traefik ubuntu vault"
  ).split(" "),
);

export default defineRule({
  id: "base/unknown-stage",
  severity: "warning",
  summary: msg("--from names no stage of this file"),
  why: msg("What is no stage is taken for an image and looked for in a registry."),
  learn: msg(
    "COPY --from takes files out of another stage. Write the name that stands behind AS in the FROM of that stage.",
  ),
  sameAs: ["hadolint:DL3022", "dockerfile-utils:47"],
  note: msg(
    "Names of images with a tag, a path or a dot are images and not reported; a single word that is no stage is only a hint, for it may be an image or a build context.",
  ),
  fix: "suggestion",
  sees: ["COPY", "@flags"],
  examples: [
    {
      bad: "FROM node:24 AS builder\nFROM nginx:1\nCOPY --from=buidler /a /b\n#           ^^^^^^^\n",
      good: "FROM node:24 AS builder\nFROM nginx:1\nCOPY --from=builder /a /b\n",
    },
    {
      bad: "FROM node:24 AS builder\nFROM nginx:1\nRUN --mount=type=bind,from=build,target=/x true\n#                          ^^^^^\n",
      good: "FROM node:24 AS builder\nFROM nginx:1\nRUN --mount=type=bind,from=builder,target=/x true\n",
    },
    { bad: "FROM nginx:1\nCOPY --from=3 /a /b\n#           ^\n" },
    { bad: "FROM nginx:1\nCOPY --from=composer /a /b\n#           ^^^^^^^^\n" },
    { bad: "ARG V=1\nFROM nginx:1\nCOPY --from=node:$V /a /b\n#           ^^^^^^^\n" },
    { bad: "FROM nginx:1\nCOPY --from=last /a /b\n#           ^^^^\nFROM node:24 AS last\n" },
  ],
  fine: [
    "FROM node:24 AS a\nFROM nginx:1\nCOPY --from=A /a /b\nCOPY --from=0 /c /d\nCOPY --from=php:8 /a /b\n",
    "FROM nginx:1\nCOPY --from=ghcr.io/astral-sh/uv /uv /bin/\nCOPY --from=a/b /uv /bin/\nONBUILD COPY --from=x /a /b\n",
  ],
  *file(file) {
    const { stages } = file;
    const names: string[] = [];
    const stageNamed = (name: string) => file.stageNamed(name);
    for (const view of stages) {
      for (const source of stageSources(view.stage)) {
        const report = check(source, { view, count: stages.length, above: names, stageNamed });
        if (report) yield report;
      }
      if (view.name !== undefined) names.push(view.name);
    }
  },
});

interface Around {
  readonly view: StageView;
  readonly count: number;
  readonly above: readonly string[];
  stageNamed(name: string): StageView | undefined;
}

function check({ text, range, keyword }: StageSource, { view, count, above, stageNamed }: Around): Report | undefined {
  if (text.includes("$")) {
    // The parser says it of mounts.
    if (keyword === "RUN") return undefined;
    const message = msg("--from takes no variable: name the image in a FROM of its own, and that stage here");
    return { range, severity: "error", message };
  }
  if (/^\d+$/.test(text)) {
    if (Number(text) < count) return undefined;
    const last = count - 1;
    return {
      range,
      severity: "error",
      message: msg("There is no stage {number}: the last one is {last}", { number: text, last }),
    };
  }
  const named = stageNamed(text);
  if (named && named.index <= view.index) return undefined;
  if (named) {
    return {
      range,
      severity: "hint",
      message: msg("The stage {name} stands further down: older builders do not find it", { name: text }),
    };
  }
  if (/[/:.@]/.test(text)) return undefined;
  const name = text.toLowerCase();
  const meant = images.has(name) ? undefined : closest(name, above);
  if (meant !== undefined) {
    return {
      range,
      message: msg("No stage is called {name}. Did you mean {meant}?", { name: text, meant }),
      fix: { title: msg("Write {name}", { name: meant }), edits: [replace(range, meant)] },
    };
  }
  const message = msg("No stage is called {name}: the latest image of that name is taken", { name: text });
  return { range, severity: "hint", message };
}

/** Also one of which this is the start: `build` for `builder`. Of many stages the nearest ones are looked at. */
function closest(name: string, above: readonly string[]): string | undefined {
  const some = above.slice(-30);
  return nearest(name, some) ?? (name.length > 3 ? some.findLast((one) => one.startsWith(name)) : undefined);
}
