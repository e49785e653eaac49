import * as vscode from "vscode";
import type { ErrorAction } from "../../engine/base/errors.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { toEngineError } from "../engines/http.ts";
import { t } from "./text.ts";

/** A button: what it says and what it does. */
export interface Button {
  readonly label: Message;
  run(): unknown;
}

/** The only place that opens dialogs, so that their wording and manners are alike. */
export interface Ui {
  info(message: Message, ...buttons: Button[]): void;
  /** Shows any failure: what happened and what to do, with the error's own button and the given ones. */
  error(error: unknown, ...buttons: Button[]): void;
  /** A modal question; true when the user agreed. */
  confirm(question: Message, detail: Message | undefined, yes: Message): Promise<boolean>;
  /** In the person's language. */
  text(message: Message): string;
  /** Another command of ours, as if the person had called it. */
  run(command: string): Promise<void>;
  input(options: InputOptions): Promise<string | undefined>;
  /** `stays`: also while something else is looked at. */
  pick<T>(
    items: readonly PickItem<T>[],
    placeholder: Message,
    options?: { readonly stays?: boolean },
  ): Promise<T | undefined>;
  /** A notification with Cancel. */
  withProgress<T>(
    title: Message,
    task: (report: (message: string) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** A notification without Cancel, for what cannot be taken back. */
  whileWaiting<T>(title: Message, task: () => Promise<T>): Promise<T>;
}

interface InputOptions {
  readonly title: Message;
  readonly prompt: Message;
  readonly value: string;
  readonly placeholder?: Message;
  validate?(value: string): Message | undefined;
  /** Not shown while it is typed, and taken as it is. */
  readonly isSecret?: boolean;
}

interface PickItem<T> {
  readonly label: string;
  readonly description?: string;
  readonly value: T;
}

export function createUi(log: vscode.LogOutputChannel): Ui {
  const offer = (shown: Thenable<string | undefined>, buttons: readonly Button[]) => {
    shown.then((label) => buttons.find((button) => t(button.label) === label)?.run());
  };
  const labels = (buttons: readonly Button[]) => buttons.map((button) => t(button.label));

  return {
    info(message, ...buttons) {
      offer(vscode.window.showInformationMessage(t(message), ...labels(buttons)), buttons);
    },

    error(error, ...buttons) {
      const { details } = toEngineError(error);
      const text = errorText(error);
      log.error(text);
      const own = details.action ? actionButton(details.action, log) : undefined;
      const all = own ? [own, ...buttons] : buttons;
      offer(vscode.window.showErrorMessage(text, ...labels(all)), all);
    },

    async confirm(question, detail, yes) {
      const options = detail ? { modal: true, detail: t(detail) } : { modal: true };
      return (await vscode.window.showWarningMessage(t(question), options, t(yes))) === t(yes);
    },

    text: t,

    async run(command) {
      await vscode.commands.executeCommand(command);
    },

    async input({ title, prompt, value, placeholder, validate, isSecret = false }) {
      const text = await vscode.window.showInputBox({
        title: t(title),
        prompt: t(prompt),
        value,
        ignoreFocusOut: true,
        password: isSecret,
        ...(placeholder ? { placeHolder: t(placeholder) } : {}),
        validateInput: (current) => {
          const problem = validate?.(current);
          return problem ? t(problem) : undefined;
        },
      });
      return isSecret ? text : text?.trim();
    },

    async pick(items, placeholder, { stays = false } = {}) {
      const options = { placeHolder: t(placeholder), matchOnDescription: true, ignoreFocusOut: stays };
      return (await vscode.window.showQuickPick([...items], options))?.value;
    },

    withProgress(title, task) {
      return Promise.resolve(
        vscode.window.withProgress(
          { location: vscode.ProgressLocation.Notification, title: t(title), cancellable: true },
          (progress, token) => {
            const cancel = new AbortController();
            token.onCancellationRequested(() => cancel.abort());
            return task((message) => progress.report({ message }), cancel.signal);
          },
        ),
      );
    },

    whileWaiting(title, task) {
      const options = { location: vscode.ProgressLocation.Notification, title: t(title) };
      return Promise.resolve(vscode.window.withProgress(options, task));
    },
  };
}

/** What happened and what to do, in the user's language. */
export function errorText(error: unknown): string {
  const { message, hint } = toEngineError(error).details;
  const text = t(message);
  if (!hint) return text;
  return /[.!?:]$/.test(text) ? `${text} ${t(hint)}` : `${text}. ${t(hint)}`;
}

function actionButton(action: ErrorAction, log: vscode.LogOutputChannel): Button | undefined {
  switch (action.kind) {
    case "show-log":
      return { label: msg("Show Log"), run: () => log.show() };
    case "open-settings":
      return {
        label: msg("Open Settings"),
        run: () => vscode.commands.executeCommand("workbench.action.openSettings", action.setting),
      };
    case "use-engine":
      return { label: msg("Use Engine…"), run: () => vscode.commands.executeCommand("drydock.engines.use") };
    case "manage-trust":
      return {
        label: msg("Manage Workspace Trust"),
        run: () => vscode.commands.executeCommand("workbench.trust.manage"),
      };
    case "open-link":
      return { label: msg("Learn More"), run: () => vscode.env.openExternal(vscode.Uri.parse(action.url)) };
    case "run-command":
      return { label: msg("Copy Command"), run: () => vscode.env.clipboard.writeText(action.command) };
    // Retrying and removing belong to the command that knows what was tried; it adds its own button.
    case "retry":
    case "remove-container":
      return undefined;
  }
}
