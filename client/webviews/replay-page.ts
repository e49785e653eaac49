import { type Message, msg } from "../../engine/base/message.ts";
import type { Replay, ReplayedVariant } from "../../engine/base/replay.ts";
import { formatDuration } from "../ui/format.ts";

type Translate = (message: Message) => string;

const width = 900;
const height = 160;

/**
 * What history says: a bar a commit for each order of instructions, and how often each step would have been done. `nonce`: of the page's
 * one style and one script, which keeps `kept` for a later window.
 */
export function replayPage(
  { commits, variants }: Replay,
  title: string,
  translate: Translate,
  nonce: string,
  kept: Readonly<Record<string, string | number>>,
): string {
  const most = Math.max(1, ...variants.flatMap(({ costMs }) => costMs));
  const parts = variants.map((variant) => section(variant, commits, most, translate));
  return `<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';">
<title>${escaped(title)}</title>
<style nonce="${nonce}">
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1.5em; max-width: 70em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 1.6em; }
svg { width: 100%; height: auto; border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor)); }
rect.now { fill: var(--vscode-charts-orange); } rect.proposed { fill: var(--vscode-charts-green); }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.25em 1em 0.25em 0; vertical-align: baseline; }
th { font-weight: normal; color: var(--vscode-descriptionForeground); } .number { text-align: right; white-space: nowrap; }
td.step { font-family: var(--vscode-editor-font-family); word-break: break-word; }
.quiet { color: var(--vscode-descriptionForeground); }
</style></head>
<body data-kept="${escaped(JSON.stringify(kept))}"><h1>${escaped(title)}</h1>
<p class="quiet">${escaped(translate(msg("Each bar is a commit, the oldest at the left: how long the build after it would have taken for the steps that it changes, by what they took the last time.")))}</p>
${parts.join("\n")}
<script nonce="${nonce}">acquireVsCodeApi().setState(JSON.parse(document.body.dataset.kept));</script>
</body></html>`;
}

function section(variant: ReplayedVariant, commits: Replay["commits"], most: number, translate: Translate): string {
  const { id, steps, costMs, totalMs, unmeasured } = variant;
  const isNow = id === "now";
  const name = translate(
    isNow
      ? msg("As the Dockerfile is")
      : msg("In the proposed order: copy what lists the dependencies, install, copy the rest"),
  );
  const total = formatDuration(totalMs);
  const sum = translate(
    commits.length === 1
      ? msg("{total} after one commit.", { total })
      : msg("{total} together over {count} commits, {average} each.", {
          total,
          count: commits.length,
          average: formatDuration(totalMs / Math.max(1, commits.length)),
        }),
  );
  const unknown =
    unmeasured === 1
      ? msg("Of one step it is not known how long it takes: build once.")
      : msg("Of {count} steps it is not known how long they take: build once.", { count: unmeasured });
  const open = unmeasured > 0 ? ` ${translate(unknown)}` : "";
  const step = width / Math.max(1, costMs.length);
  const bars = costMs
    .map((cost, at) => {
      const tall = (cost / most) * (height - 4);
      const { id = "", subject = "" } = commits[at] ?? {};
      const words = `${id.slice(0, 8)} ${subject}: ${formatDuration(cost)}`;
      return `<rect class="${isNow ? "now" : "proposed"}" x="${(at * step).toFixed(2)}" y="${(height - tall).toFixed(2)}" width="${Math.max(0.5, step - 0.5).toFixed(2)}" height="${tall.toFixed(2)}"><title>${escaped(words)}</title></rect>`;
    })
    .join("");
  const head = [msg("Line"), msg("Step"), msg("Done again"), msg("Cost")].map(
    (one, at) => `<th scope="col"${at === 1 ? "" : ' class="number"'}>${escaped(translate(one))}</th>`,
  );
  const rows = steps.map(({ line, instruction, rebuilt, durationMs }) => {
    const cost = rebuilt === 0 ? "" : durationMs === undefined ? "?" : formatDuration(rebuilt * durationMs);
    const times = `${rebuilt} / ${commits.length}`;
    return `<tr><td class="number">${line}</td><td class="step">${escaped(instruction)}</td><td class="number">${escaped(times)}</td><td class="number">${escaped(cost)}</td></tr>`;
  });
  return `<h2>${escaped(name)}</h2><p>${escaped(sum + open)}</p>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${name}. ${sum}`)}" preserveAspectRatio="none">${bars}</svg>
<table><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
