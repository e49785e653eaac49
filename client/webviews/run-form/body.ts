import { type Message, msg } from "../../../engine/base/message.ts";
import { escapeHtml } from "../../ui/html.ts";
import { restartPolicies } from "./options.ts";

type Translate = (message: Message) => string;

/** The fields; rows of lists are made by the page from the templates. `data-field` is the name in `RunOptions`. */
export function runFormBody(translate: Translate): string {
  const t = (message: Message) => escapeHtml(translate(message));
  const problem = (field: string) => `<p class="problem" id="problem-${field}" data-problem="${field}" hidden></p>`;
  const field = (id: string, label: Message, input: string, hint?: Message) =>
    `<div class="field"><label for="${id}">${t(label)}</label>${input}${
      hint ? `<p class="hint" id="hint-${id}">${t(hint)}</p>` : ""
    }${problem(id)}</div>`;
  const text = (id: string, more = "") =>
    `<input type="text" id="${id}" data-field="${id}" spellcheck="false" autocomplete="off" aria-describedby="problem-${id}" ${more}>`;
  const check = (id: string, label: Message) =>
    `<label class="check"><input type="checkbox" id="${id}" data-field="${id}"><span>${t(label)}</span></label>`;
  const list = (id: string, title: Message, add: Message, hint: Message, row: string) =>
    `<fieldset id="${id}"><legend>${t(title)}</legend><p class="hint">${t(hint)}</p><div class="rows" data-list="${id}"></div>
<button type="button" class="link" data-add="${id}">${t(add)}</button><template data-row="${id}"><div class="row">${row}<button type="button" class="icon" data-remove title="${t(msg("Remove this row"))}" aria-label="${t(msg("Remove this row"))}">✕</button></div><p class="problem" hidden></p></template></fieldset>`;
  const part = (key: string, label: Message, placeholder: string, more = "") =>
    `<input type="text" data-key="${key}" aria-label="${t(label)}" placeholder="${escapeHtml(placeholder)}" spellcheck="false" autocomplete="off" ${more}>`;
  const pick = (label: Message) =>
    `<button type="button" class="icon" data-pick title="${t(label)}" aria-label="${t(label)}">…</button>`;
  const policies = restartPolicies.map((value) => `<option value="${value}">${value}</option>`).join("");

  // Hidden until it is filled, which would overwrite what a quick person has typed.
  return `<main hidden><h1>${t(msg("Run a Container"))}</h1>
<form id="form" novalidate>
${field("image", msg("Image"), text("image", 'list="images" required'))}
${field("name", msg("Name of the container"), text("name"), msg("Empty: the engine makes one up."))}
${list(
  "ports",
  msg("Ports"),
  msg("Add a port"),
  msg(
    "The image's ports stand here with free ports of this machine. A row without a port of this machine gets any free one.",
  ),
  `${part("host", msg("Port of this machine"), translate(msg("any")), 'class="short"')}<span aria-hidden="true">→</span>${part("container", msg("Port of the container"), "80", 'class="short"')}`,
)}
${list(
  "volumes",
  msg("Folders and volumes"),
  msg("Add a folder or volume"),
  msg("A folder of this machine, or the name of a volume."),
  `${part("source", msg("Folder or volume"), translate(msg("folder or volume")), 'list="volume-names"')}${pick(msg("Choose a folder"))}<span aria-hidden="true">→</span>${part("target", msg("Path in the container"), "/data")}<label class="check"><input type="checkbox" data-key="readOnly"><span>${t(msg("read only"))}</span></label>`,
)}
${list(
  "env",
  msg("Environment"),
  msg("Add a variable"),
  msg("Values of names that sound like a secret are not remembered."),
  `${part("name", msg("Name of the variable"), "NAME")}<span aria-hidden="true">=</span>${part("value", msg("Value of the variable"), translate(msg("value")))}`,
)}
${field("envFile", msg("File with variables"), `<div class="row">${text("envFile")}${pick(msg("Choose a file"))}</div>`)}
${field("command", msg("Command"), text("command"), msg("Empty: what the image says."))}
<div class="checks">${check("remove", msg("Remove it when it ends (--rm)"))}${check("interactive", msg("Keep a terminal and its input open (-it)"))}${check("init", msg("A small init that reaps processes (--init)"))}</div>
<details id="more"><summary>${t(msg("More options"))}</summary>
${field("entrypoint", msg("Entrypoint"), text("entrypoint"), msg("Empty: what the image says."))}
${field("network", msg("Network"), text("network", 'list="networks"'))}
${field("restart", msg("Restart"), `<select id="restart" data-field="restart" aria-describedby="problem-restart">${policies}</select>`)}
${field("user", msg("User"), text("user"))}
${field("workdir", msg("Working folder"), text("workdir"))}
${field("memory", msg("Memory at most"), text("memory", 'placeholder="512m"'))}
</details>
<datalist id="images"></datalist><datalist id="networks"></datalist><datalist id="volume-names"></datalist>
</form>
<footer><div class="command"><pre id="preview" tabindex="0" aria-label="${t(msg("The docker command"))}"></pre></div>
<p class="problem" id="failure" role="alert" hidden></p>
<div class="buttons"><button type="submit" form="form" id="run">${t(msg("Run"))}</button><button type="button" id="run-interactive" class="secondary">${t(msg("Run Interactive"))}</button><button type="button" id="copy" class="secondary">${t(msg("Copy as docker Command"))}</button></div></footer></main>`;
}

export const runFormStyle = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); padding: 0; word-break: keep-all; overflow-wrap: anywhere; }
main { max-width: 46em; margin: 0 auto; padding: 0 1.5em; }
h1 { font-size: 1.5em; font-weight: 400; margin: 1em 0 0.6em; }
.field { margin: 0 0 0.9em; }
.field > label, legend { display: block; font-weight: 600; margin: 0 0 0.25em; padding: 0; }
fieldset { border: 0; margin: 0 0 0.9em; padding: 0; min-width: 0; }
.hint { color: var(--vscode-descriptionForeground); margin: 0.2em 0 0.35em; font-size: 0.92em; }
.problem { color: var(--vscode-errorForeground); margin: 0.25em 0; }
input[type=text], select { box-sizing: border-box; width: 100%; min-width: 0; flex: 1; padding: 0.3em 0.45em; font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); border-radius: 2px; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border-color: var(--vscode-dropdown-border, transparent); max-width: 16em; }
input::placeholder { color: var(--vscode-input-placeholderForeground); opacity: 1; }
input[aria-invalid=true] { border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground)); }
input[type=checkbox] { accent-color: var(--vscode-button-background); margin: 0 0.4em 0 0; }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.row { display: flex; align-items: center; gap: 0.5em; margin: 0 0 0.3em; }
input.short { flex: 0 1 9em; }
.check { display: inline-flex; align-items: center; white-space: nowrap; font-weight: 400; }
.checks { display: flex; flex-direction: column; gap: 0.35em; margin: 0 0 0.9em; }
details { margin: 0 0 1em; } summary { cursor: pointer; margin: 0 0 0.7em; font-weight: 600; }
button { font: inherit; padding: 0.35em 1em; border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button:hover { background: var(--vscode-button-hoverBackground); }
button:disabled { opacity: 0.5; cursor: default; }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border-color: var(--vscode-button-secondaryBorder, var(--vscode-contrastBorder, transparent)); }
button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
button.link, button.icon { color: var(--vscode-textLink-foreground); background: none; border-color: transparent; padding: 0.2em 0; }
button.icon { color: var(--vscode-foreground); padding: 0.2em 0.5em; }
button.link:hover { text-decoration: underline; background: none; } button.icon:hover { background: var(--vscode-toolbar-hoverBackground); }
.problem button { margin-left: 0.7em; padding: 0.1em 0.6em; }
footer { position: sticky; bottom: 0; padding: 0.6em 0 1em; background: var(--vscode-editor-background); border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent)); }
pre { margin: 0 0 0.7em; padding: 0.6em 0.8em; max-height: 7em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); background: var(--vscode-textCodeBlock-background); border: 1px solid var(--vscode-contrastBorder, transparent); }
.buttons { display: flex; flex-wrap: wrap; gap: 0.6em; }
`;
