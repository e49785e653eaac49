import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { announce, startDetached } from "../../commands/images/run.ts";
import type { Connection } from "../../engines/connection.ts";
import { toEngineError } from "../../engines/http.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal, runSession } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import { errorText } from "../../ui/ui.ts";
import { openPanel } from "../panel.ts";
import { runFormBody, runFormStyle } from "./body.ts";
import type { FromPage, ShownProblem, ToPage } from "./messages.ts";
import { createOptions, type FieldProblem, problemsOf, type RunOptions, runCommand, toRemember } from "./options.ts";
import { formDataFor, memoryKey, takenProblems } from "./proposals.ts";
import { absolute, fileEnvOf } from "./surroundings.ts";

/** The form for a container of an image. `into`: a tab of an earlier window; it is filled as if the form had been asked for now. */
export async function openRunForm(services: Services, image: string, into?: vscode.WebviewPanel): Promise<void> {
  const connection = await services.engines.connection();
  const data = await formDataFor(services, connection, image);
  const panel = openPanel({
    id: "drydock.runForm",
    title: t(msg("Run {name}", { name: image || "…" })),
    distDir: services.distDir,
    script: "run-form.js",
    style: runFormStyle,
    body: runFormBody(t),
    retain: true,
    into,
    onMessage: (message) => {
      answer(message as FromPage).catch((error) => {
        services.log.error(errorText(error));
        send({ type: "failed", problems: [], text: errorText(error) });
      });
    },
  });
  const send = (message: ToPage) => void panel.webview.postMessage(message);

  async function answer(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        send({ type: "data", ...data });
        // A new one is asked for by the name of an image that is there.
        if (!data.isHere) send({ type: "failed", problems: [], text: t(notHere(image)) });
        return;
      case "changed":
        return send({
          type: "shown",
          command: runCommand(message.options),
          problems: shown(problemsOf(message.options)),
        });
      case "image": {
        panel.title = t(msg("Run {name}", { name: message.image || "…" }));
        return send({ type: "data", ...(await formDataFor(services, connection, message.image)) });
      }
      case "pick": {
        const isFile = message.field === "envFile";
        const picked = await vscode.window.showOpenDialog({
          canSelectFiles: isFile,
          canSelectFolders: !isFile,
          ...(vscode.workspace.workspaceFolders?.[0] ? { defaultUri: vscode.workspace.workspaceFolders[0].uri } : {}),
        });
        return picked?.[0] && send({ type: "picked", field: message.field, path: picked[0].fsPath });
      }
      case "copy":
        await vscode.env.clipboard.writeText(runCommand(message.options));
        return services.ui.info(msg("Copied: the docker command that makes such a container."));
      case "run":
        return run(message.options, message.interactive);
    }
  }

  async function run(typed: RunOptions, interactive: boolean): Promise<void> {
    const wrong = problemsOf(typed);
    const problems = wrong.length > 0 ? wrong : await takenProblems(connection, typed);
    if (problems.length > 0) return send({ type: "failed", problems: shown(problems), text: "" });
    const options = { ...typed, interactive: typed.interactive || interactive };
    await services.storage.update(await memoryKey(services, connection, options.image), toRemember(typed));
    try {
      if (!(await ensureImage(services, connection, options.image))) {
        return send({ type: "failed", problems: [], text: "" });
      }
      const wanted = createOptions(absolute(options), await fileEnvOf(options));
      if (interactive) {
        const name = t(msg("Run: {name}", { name: options.name || options.image }));
        openStreamTerminal(name, "run", runSession(connection.docker, wanted), services.ui.error).show();
      } else await announce(services, connection.docker, await startDetached(connection.docker, wanted));
    } catch (error) {
      const taken = await takenProblems(connection, typed);
      return send({ type: "failed", problems: shown(taken), text: taken.length > 0 ? "" : errorText(error) });
    }
    panel.dispose();
  }
}

const notHere = (name: string) => msg("The image {name} is not here any more: Run pulls it first.", { name });

function shown(problems: readonly FieldProblem[]): ShownProblem[] {
  return problems.map(({ field, message, instead }) => ({
    field,
    text: t(message),
    ...(instead === undefined ? {} : { instead: { label: t(msg("Use {value}", { value: instead })), value: instead } }),
  }));
}

/** Pulled when it is not here, as `docker run` does. False: the person took it back. */
async function ensureImage(services: Services, { docker, pull }: Connection, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (!/not-found/.test(toEngineError(error).code) && (error as { statusCode?: number }).statusCode !== 404)
      throw error;
  }
  return services.ui.withProgress(msg("Pulling {name}", { name: image }), async (report, signal) => {
    try {
      await pull(image, report, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  });
}
