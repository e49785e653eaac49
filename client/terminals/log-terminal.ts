import * as vscode from "vscode";

/** A read-only terminal that lines are written to: build logs, container logs. */
export interface LogTerminal {
  write(text: string): void;
  clear(): void;
  readonly terminal: vscode.Terminal;
}

/** `onClose` is called when the user closes the terminal (not when the window goes). */
export function openLogTerminal(name: string, icon: string, onClose?: () => void): LogTerminal {
  const output = new vscode.EventEmitter<string>();
  // What is written before the terminal is drawn would be lost.
  let waiting: string[] | undefined = [];
  const terminal = vscode.window.createTerminal({
    name,
    iconPath: new vscode.ThemeIcon(icon),
    pty: {
      onDidWrite: output.event,
      open() {
        for (const text of waiting ?? []) output.fire(text);
        waiting = undefined;
      },
      close() {
        onClose?.();
        output.dispose();
      },
    },
  });
  const write = (text: string) => {
    const lines = text.replace(/\r?\n/g, "\r\n");
    if (waiting) waiting.push(lines);
    else output.fire(lines);
  };
  // ECMA-48: erase the screen and what was scrolled away, cursor home.
  return { terminal, write, clear: () => write("\x1b[2J\x1b[3J\x1b[H") };
}
