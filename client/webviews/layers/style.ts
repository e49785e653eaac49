import { commonStyle } from "../common-style.ts";

export const layersStyle = `${commonStyle}
html, body, main { height: 100%; }
main { display: flex; flex-direction: column; box-sizing: border-box; padding: 0 12px 8px; }
.columns { display: grid; grid-template-columns: minmax(15em, 26em) minmax(0, 1fr); gap: 12px; flex: 1; min-height: 0; }
nav, section { min-height: 0; display: flex; flex-direction: column; }
.layers { overflow-y: auto; flex: 1; outline-offset: -1px; }
.layers [role="option"] { display: grid; grid-template-columns: 1.8em minmax(0, 1fr) auto; column-gap: 6px; padding: 5px 8px; cursor: pointer; border: 1px solid transparent; }
.layers [role="option"]:hover { background: var(--vscode-list-hoverBackground); }
.layers [aria-selected="true"], .layers [aria-selected="true"]:hover { background: var(--vscode-list-inactiveSelectionBackground); color: var(--vscode-list-inactiveSelectionForeground, inherit); border-color: var(--vscode-contrastActiveBorder, transparent); }
.layers:focus [aria-selected="true"] { background: var(--vscode-list-activeSelectionBackground); color: var(--vscode-list-activeSelectionForeground); }
.layers .number, .layers .line { color: var(--vscode-descriptionForeground); font-size: 0.9em; }
.layers:focus [aria-selected="true"] :is(.number, .line) { color: inherit; }
.layers .label { font-family: var(--vscode-editor-font-family); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.layers .bar { grid-column: 2; height: 4px; margin: 5px 0 2px; align-self: center; background: color-mix(in srgb, var(--vscode-foreground) 14%, transparent); }
.layers .fill { height: 100%; min-width: 1px; background: var(--vscode-charts-blue); }
.layers .line { grid-column: 3; text-align: right; }
.head { padding: 4px 0 8px; }
.instruction { font-family: var(--vscode-editor-font-family); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 6.5em; overflow-y: auto; }
.head .row { display: flex; gap: 12px; justify-content: space-between; margin-top: 3px; }
.head .link { flex: none; white-space: nowrap; }
.layers .size { text-align: right; }
.facts { color: var(--vscode-descriptionForeground); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tools { display: flex; flex-wrap: wrap; gap: 8px; padding: 8px 0; align-items: center; }
.tools[hidden] { display: none; }
.tools input { flex: 1 1 10em; min-width: 8em; }
.switch { display: inline-flex; }
.switch button { border-radius: 0; }
.switch button, .change { background: transparent; color: var(--vscode-foreground); border-color: var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
.switch [aria-checked="true"], .change[aria-pressed="true"] { background: var(--vscode-inputOption-activeBackground); color: var(--vscode-inputOption-activeForeground); border-color: var(--vscode-inputOption-activeBorder, var(--vscode-contrastActiveBorder, transparent)); }
:is(body.vscode-high-contrast, body.vscode-high-contrast-light) :is([aria-checked="true"], .change[aria-pressed="true"]) { background: var(--vscode-foreground); color: var(--vscode-editor-background); }
.changes { display: inline-flex; gap: 4px; }
.content { overflow: auto; flex: 1; min-height: 0; }
.entry { display: flex; gap: 6px; align-items: baseline; padding: 1px 8px 1px 4px; cursor: pointer; white-space: nowrap; border: 1px solid transparent; line-height: 1.5; }
.entry:hover { background: var(--vscode-list-hoverBackground); }
.entry:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; background: var(--vscode-list-activeSelectionBackground); color: var(--vscode-list-activeSelectionForeground); }
.entry:focus :is(.name, .letter, .quiet) { color: inherit; }
.twist { width: 1em; flex: none; } .letter { width: 1em; flex: none; font-weight: 600; }
.entry .name { overflow: hidden; text-overflow: ellipsis; } .target { overflow: hidden; text-overflow: ellipsis; flex: 0 1 auto; }
.entry .size, .found .size, .wasted .size { margin-left: auto; text-align: right; font-variant-numeric: tabular-nums; }
.entry .size { min-width: 5.5em; margin-left: 0; }
.entry .actions { margin-left: auto; display: none; gap: 10px; } .entry .mode { margin-left: auto; }
.entry:is(:hover, :focus, :focus-within) .actions:not(:empty) { display: inline-flex; }
.entry:is(:hover, :focus, :focus-within) .actions:not(:empty) + .mode { margin-left: 0; }
.entry:focus .link { color: inherit; text-decoration: underline; }
.rest { color: var(--vscode-textLink-foreground); }
.added > :is(.name, .letter), .chip.added { color: var(--vscode-gitDecoration-addedResourceForeground); }
.changed > :is(.name, .letter), .chip.changed { color: var(--vscode-gitDecoration-modifiedResourceForeground); }
.removed > :is(.name, .letter), .chip.removed { color: var(--vscode-gitDecoration-deletedResourceForeground); }
.removed > .name { text-decoration: line-through; }
.found { list-style: none; margin: 0; padding: 0; } .found li { display: flex; gap: 8px; align-items: baseline; padding: 2px 8px 2px 4px; }
.found li:hover, .wasted tbody tr:hover { background: var(--vscode-list-hoverBackground); }
.path { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; font-family: var(--vscode-editor-font-family); }
.chip { padding: 0 5px; background: transparent; border: 1px solid currentColor; border-radius: 8px; font-size: 0.85em; }
.map { position: relative; min-height: 16em; height: calc(100% - 2.2em); }
.tile { position: absolute; box-sizing: border-box; overflow: hidden; padding: 3px 5px; text-align: left; display: flex; flex-direction: column; align-items: flex-start; border: 1px solid var(--vscode-editor-background); border-radius: 0; color: var(--vscode-editor-foreground); background: color-mix(in srgb, var(--tile, var(--vscode-charts-blue)) 30%, var(--vscode-editor-background)); font-size: 0.92em; }
.tile.added { --tile: var(--vscode-charts-green); } .tile.changed { --tile: var(--vscode-charts-yellow); } .tile.other { --tile: var(--vscode-descriptionForeground); }
.tile:hover:enabled { background: color-mix(in srgb, var(--tile, var(--vscode-charts-blue)) 45%, var(--vscode-editor-background)); }
.tile:focus-visible { outline: 2px solid var(--vscode-focusBorder); outline-offset: -2px; z-index: 1; }
.tile .name { font-weight: 600; white-space: nowrap; } .tile .size { opacity: 0.85; white-space: nowrap; }
.tile { container-type: size; } @container (max-height: 20px) { .name, .size { visibility: hidden; } } @container (max-height: 36px) { .size { visibility: hidden; } }
.tile.folder .name::before { content: "▸ "; }
body.vscode-high-contrast .tile, body.vscode-high-contrast-light .tile { border-color: var(--vscode-contrastBorder); background: var(--vscode-editor-background); }
.crumbs { padding: 0 0 6px; display: flex; gap: 6px; height: 1.6em; } .crumbs > * + *::before { content: "/ "; color: var(--vscode-descriptionForeground); }
.wasted { width: 100%; border-collapse: collapse; } .wasted :is(th, td) { text-align: left; padding: 2px 12px 2px 4px; }
.wasted th { font-weight: 600; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
.wasted .actions { white-space: nowrap; } .wasted .actions button + button { margin-left: 10px; } .wasted td:first-child { max-width: 30em; } .wasted td .path { max-width: 100%; display: block; }
.efficiency.low { color: var(--vscode-editorWarning-foreground); }
@media (max-width: 640px) { .columns { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(8em, 35%) 1fr; } }
`;
