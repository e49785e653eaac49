/** What pages have in common: VS Code's fonts and colours, so that every theme fits. */
export const commonStyle = `
* { box-sizing: border-box; }
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-foreground); margin: 0; padding: 0; word-break: keep-all; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 14px; padding: 10px 0 8px; }
h1 { font-size: 1.35em; font-weight: 600; margin: 0; }
.quiet { color: var(--vscode-descriptionForeground); }
.problem { color: var(--vscode-errorForeground); }
button { font: inherit; color: var(--vscode-button-secondaryForeground, inherit); background: var(--vscode-button-secondaryBackground, transparent); border: 1px solid var(--vscode-button-secondaryBorder, var(--vscode-contrastBorder, transparent)); padding: 2px 9px; border-radius: 2px; cursor: pointer; }
button:hover { background: var(--vscode-button-secondaryHoverBackground, transparent); }
button.link { color: var(--vscode-textLink-foreground); background: none; border: 0; padding: 0; }
button.link:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
[hidden] { display: none !important; }
input { font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); padding: 3px 6px; border-radius: 2px; }
input:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
input::placeholder { color: var(--vscode-input-placeholderForeground); }
[role="tablist"] { display: flex; gap: 16px; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
[role="tab"] { background: none; border: 0; border-bottom: 2px solid transparent; border-radius: 0; padding: 5px 1px; color: var(--vscode-descriptionForeground); }
[role="tab"]:hover { background: none; color: var(--vscode-foreground); }
[role="tab"][aria-selected="true"] { color: var(--vscode-foreground); border-bottom-color: var(--vscode-focusBorder); }
`;
