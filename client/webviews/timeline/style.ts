import { commonStyle } from "../common-style.ts";

export const timelineStyle = `${commonStyle}
html, body, main { height: 100%; }
main { display: flex; flex-direction: column; padding: 0 12px 8px; --text: clamp(10em, 30%, 32em); }
.legend { display: inline-flex; align-items: center; gap: 6px; color: var(--vscode-descriptionForeground); margin-left: auto; }
.swatch { width: 14px; height: 10px; display: inline-block; } .legend .swatch + .swatch, .legend .reused { margin-left: 8px; }
.chart { flex: 1; min-height: 0; overflow-y: auto; }
.axis { position: sticky; top: 0; z-index: 1; height: 1.8em; margin-left: calc(var(--text) + 10px); background: var(--vscode-editor-background); border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
.axis span { position: absolute; white-space: nowrap; font-size: 0.85em; color: var(--vscode-descriptionForeground); padding-left: 3px; border-left: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, currentColor)); }
h2 { font-size: 0.9em; font-weight: 600; margin: 10px 0 2px; color: var(--vscode-descriptionForeground); }
.step { display: flex; width: 100%; gap: 10px; align-items: center; background: none; border: 1px solid transparent; padding: 2px 0; text-align: left; color: var(--vscode-foreground); }
.step:hover { background: var(--vscode-list-hoverBackground); }
.step:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.step .text { width: var(--text); flex: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-family: var(--vscode-editor-font-family); padding-left: 4px; }
.track { position: relative; flex: 1; height: 1.5em; }
.bar, .swatch { background: color-mix(in srgb, var(--vscode-charts-blue) 35%, var(--vscode-editor-background)); border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 2px; }
.bar { position: absolute; top: 2px; bottom: 2px; min-width: 3px; }
.bar.critical, .swatch.critical { background: var(--vscode-charts-blue); }
.bar.reused, .swatch.reused { background: transparent; border: 1px dashed var(--vscode-descriptionForeground); }
.bar.failed { background: var(--vscode-charts-red); }
.bar.running { background-image: repeating-linear-gradient(-45deg, transparent 0 6px, color-mix(in srgb, var(--vscode-editor-background) 35%, transparent) 6px 12px); }
.note { position: absolute; top: 0; bottom: 0; display: flex; align-items: center; padding: 0 6px; white-space: nowrap; font-size: 0.88em; color: var(--vscode-descriptionForeground); }
.inside { position: absolute; right: 6px; top: 0; bottom: 0; display: flex; align-items: center; font-size: 0.88em; color: var(--vscode-foreground); font-weight: 600; }
.bar:is(.critical, .failed) .inside { color: var(--vscode-editor-background); }
:is(body.vscode-high-contrast, body.vscode-high-contrast-light) .bar:not(.critical, .failed, .reused) { background-color: var(--vscode-editor-background); }
.details { flex: none; height: 8.5em; overflow-y: auto; border-top: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); padding-top: 6px; }
.details pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family); } .details p { margin: 4px 0; }
`;
