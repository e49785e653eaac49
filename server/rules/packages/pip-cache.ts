import { msg } from "../../../engine/base/message.ts";
import { cleanWhy, isRemovedAfter, isSaidAfter, isShipped, lastUse } from "../../lint/cleanups.ts";
import { addWord, callsIn, mentions, type PackageCall, pip, said, wordsOf } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

const folders = ["/root/.cache/pip", "/root/.cache/uv", "~/.cache/pip", "~/.cache/uv", "$HOME/.cache/pip"];
const flags = ["--no-cache-dir", "--no-cache", "--dry-run", "--cache-dir", "--offline"];
const settings = ["PIP_NO_CACHE_DIR", "UV_NO_CACHE"];

export default defineRule({
  id: "packages/pip-cache",
  severity: "info",
  presets: { strict: "warning" },
  summary: msg("pip keeps a copy of everything that it downloads in the image"),
  why: cleanWhy(),
  note: msg(
    "PIP_NO_CACHE_DIR, a cache mount and deleting the folder in the same RUN count; stages that are thrown away are left alone.",
  ),
  sameAs: ["hadolint:DL3042"],
  fix: "safe",
  sees: [...pip.programs, "ENV", "ARG"],
  examples: [
    {
      bad: "FROM python\nRUN pip install -r requirements.txt\n#   ^^^^^^^^^^^\n",
      good: "FROM python\nRUN pip install --no-cache-dir -r requirements.txt\n",
    },
    {
      bad: "FROM python\nENV PIP_NO_CACHE_DIR=0\nRUN python -V \\\n && sudo python3 -m pip install \\\n#        ^^^^^^^^^^^^^^^^^^^^^^\n    flask\n",
      good: "FROM python\nENV PIP_NO_CACHE_DIR=0\nRUN python -V \\\n && sudo python3 -m pip install --no-cache-dir \\\n    flask\n",
    },
    {
      bad: 'FROM python\nONBUILD RUN ["pip", "install", "flask"]\n#            ^^^^^^^^^^^^^^^^\n',
      good: 'FROM python\nONBUILD RUN ["pip", "install", "--no-cache-dir", "flask"]\n',
    },
    {
      bad: "FROM python\nRUN pip install --no-index --find-links=https://example.org/w flask\n#   ^^^^^^^^^^^\n",
      good: "FROM python\nRUN pip install --no-cache-dir --no-index --find-links=https://example.org/w flask\n",
    },
    {
      bad: "FROM python\nRUN <<EOF\nuv pip install --system flask\n#^^^^^^^^^^^^^\nEOF\n",
      good: "FROM python\nRUN <<EOF\nuv pip install --no-cache --system flask\nEOF\n",
    },
    { bad: "FROM python\nRUN uv pip install -r r.txt\n#   ^^^^^^^^^^^^^^\nRUN uv pip install --offline .\n" },
    {
      bad: "FROM python\nRUN pip install --no-deps .\n#   ^^^^^^^^^^^\nRUN pip install --no-deps /w/* -r requirements.txt\n#   ^^^^^^^^^^^\nRUN pip install /w/a.whl\n#   ^^^^^^^^^^^\nRUN uv pip install --no-deps /w/*\n#   ^^^^^^^^^^^^^^\n",
      good: "FROM python\nRUN pip install --no-cache-dir --no-deps .\nRUN pip install --no-cache-dir --no-deps /w/* -r requirements.txt\nRUN pip install --no-cache-dir /w/a.whl\nRUN uv pip install --no-cache --no-deps /w/*\n",
    },
  ],
  fine: [
    "FROM python\nENV OPTS='-q --no-cache-dir'\nRUN pip $OPTS install flask && pip install $OPTS flask\n",
    "FROM python\nRUN pip install --no-cache-dir flask && pip --no-cache-dir install flask\n",
    "FROM python AS base\nENV PIP_NO_CACHE_DIR=1\nFROM base\nRUN pip install flask\n",
    "FROM python\nRUN PIP_NO_CACHE_DIR=off pip install flask\nRUN export PIP_NO_CACHE_DIR=1 && pip install flask\n",
    "FROM python\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
    "FROM python\nRUN --mount=type=cache,target=/root/.cache pip install flask\n",
    "FROM python\nENV PIP_CACHE_DIR=/pip\nRUN --mount=type=cache,target=/pip pip install flask\n",
    "FROM python\nRUN pip install flask && rm -rf ~/.cache/pip\nRUN pip install flask && pip cache purge\n",
    "FROM python AS build\nRUN pip install flask\nFROM scratch\nCOPY --from=build /app /app\n",
    "FROM python\nCOPY --from=b /w /w\nRUN pip install --no-index --find-links=/w -r /w/requirements.txt\n",
    "FROM python\nRUN pip install --no-deps /wheels/* && pip install --no-deps a-1-py3-none-any.whl ./dist/*.whl\n",
    "FROM python\nRUN pip install --no-deps --no-build-isolation .\n",
    "FROM python\nRUN pipx install poetry && pipenv install\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    const offline = lastUse(stage, ["uv"], "--offline");
    for (const [at, view] of stage.only("RUN").entries()) {
      const calls = callsIn(stage, view, pip, ["install", "sync", "wheel"]);
      const last = calls.at(-1);
      if (!last || isCacheless(last.command, view, stage)) continue;
      for (const call of calls) {
        if (said(call, ...flags) || isLocal(call) || call.command.assignments.some(isSwitch)) continue;
        const { command, verb } = call;
        const flag = command.name === "uv" ? "--no-cache" : "--no-cache-dir";
        // uv takes what is already there: without the cache a later step would find nothing.
        const isNeeded = command.name === "uv" && at <= offline;
        const edits = [addWord(view, verb, flag)];
        yield {
          range: wordsOf(command, verb),
          ...(!isNeeded && { fix: { title: msg("Add {flag}", { flag }), edits } }),
        };
      }
    }
  },
});

/** `--no-index --find-links=/wheels`, `--no-deps /wheels/*`: nothing is downloaded. */
function isLocal(call: PackageCall): boolean {
  // uv also keeps what it unpacks of local wheels.
  if (call.command.name === "uv" || mentions(call, /:\/\//)) return false;
  if (said(call, "--no-index")) return true;
  if (!said(call, "--no-deps") || said(call, "-r", "--requirement", "-e", "--editable", "--group")) return false;
  // What is built first fetches what it is built with.
  const local = said(call, "--no-build-isolation") ? /^(?:\.{0,2}\/|\.{1,2}$)|\.whl$/ : /\.whl$|^\.{0,2}\/.*\*$|^\*$/;
  return call.operands.length > 0 && call.operands.every(({ text }) => local.test(text));
}

function isSwitch({ name, value }: { readonly name: string; readonly value: string }): boolean {
  return settings.includes(name) && isOn(value);
}

/** Nothing is kept of what the calls of this RUN download; `last` is the last of them. */
function isCacheless(last: Command, view: InstructionView, stage: StageView): boolean {
  if (view.mounts.some(isPipCache)) return true;
  const exported = view.commands("export").flatMap(({ args }) => args.map(({ text }) => text));
  if (exported.some((text) => settings.some((name) => text.startsWith(`${name}=`)))) return true;
  const variables = stage.variablesAt(view.instruction);
  // Of a value that is not known the best is assumed.
  if (settings.some((name) => variables.has(name) && isOn(variables.get(name)?.value ?? "1"))) return true;
  const folder = variables.get("PIP_CACHE_DIR")?.value ?? variables.get("UV_CACHE_DIR")?.value;
  if (folder && view.mounts.some(({ target }) => target === folder)) return true;
  return isRemovedAfter(view, last, folders) || isSaidAfter(view, last, /^(?:.*\bpip|uv) cache (?:purge|clean)/);
}

function isPipCache({ type, target = "" }: InstructionView["mounts"][number]): boolean {
  return (
    (type === "cache" || type === "tmpfs") && /(?:^|\/)\.cache(?:\/(?:pip|uv))?(?:\/|$)|\bpip\b|\buv\b/.test(target)
  );
}

function isOn(value: string): boolean {
  return !/^(?:0|false|no|n|f)?$/i.test(value);
}
