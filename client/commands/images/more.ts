import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import { registryAuth } from "../../engines/connection.ts";
import { writeStream } from "../../engines/download.ts";
import { send } from "../../engines/http.ts";
import { readPullProgress } from "../../engines/pull.ts";
import type { Services } from "../../services.ts";
import { formatBytes } from "../../ui/format.ts";
import type { ImageNode } from "../../views/images.ts";
import { pickImage } from "../pick.ts";

const badName = () => msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0.");

/** Another name for the same image. */
export async function tagImage(services: Services, target?: ImageNode): Promise<string | undefined> {
  const node = await pickImage(services, target, msg("Which image shall get another name?"));
  if (!node) return undefined;
  const name = await services.ui.input({
    title: msg("Tag {name}", { name: node.label }),
    prompt: msg("The new name; the old one stays."),
    value: node.repository === undefined ? "" : node.label,
    validate: (text) => (tryParseReference(text.trim()) ? undefined : badName()),
  });
  if (!name) return undefined;
  const at = /:[^:/]+$/.exec(name);
  const { docker } = await services.engines.connection();
  await docker
    .getImage(node.imageId)
    .tag({ repo: at ? name.slice(0, at.index) : name, tag: at ? at[0].slice(1) : "latest" });
  return name;
}

/** Asks for a name with a registry when the image has none of its own. */
export async function pushImage(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image shall be pushed?"));
  if (!node) return;
  const name = await services.ui.input({
    title: msg("Push {name}", { name: node.label }),
    prompt: msg("Where to: registry, owner and name, like ghcr.io/owner/app:1.0 or owner/app for Docker Hub."),
    value: node.repository === undefined ? "" : node.label,
    validate: (text) => (tryParseReference(text.trim()) ? undefined : badName()),
  });
  if (!name) return;
  const connection = await services.engines.connection();
  const at = /:[^:/]+$/.exec(name);
  const repo = at ? name.slice(0, at.index) : name;
  const tag = at ? at[0].slice(1) : "latest";
  if (name !== node.label) await connection.docker.getImage(node.imageId).tag({ repo, tag });
  await services.ui.withProgress(msg("Pushing {name}", { name }), async (report, signal) => {
    try {
      // Docker wants the header even without a login.
      const headers = {
        "x-registry-auth": "e30",
        ...(connection.isEmbedded ? {} : await registryAuth(services.distDir, name)),
      };
      const path = `/images/${repo}/push?tag=${encodeURIComponent(tag)}`;
      await readPullProgress(await send(connection.transport, "POST", path, undefined, signal, headers), report);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
}

export async function copyImageName(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image?"));
  if (node) await vscode.env.clipboard.writeText(node.reference);
}

/** Without a name only, or all that no container uses. */
export async function pruneImages(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const choice = await services.ui.pick(
    [
      {
        label: services.ui.text(msg("Those without a name")),
        description: services.ui.text(msg("left over by builds")),
        value: "dangling" as const,
      },
      {
        label: services.ui.text(msg("All that no container uses")),
        description: "image prune -a",
        value: "all" as const,
      },
    ],
    msg("Which images shall be removed?"),
  );
  if (!choice) return;
  const images = await docker.listImages(choice === "dangling" ? { filters: { dangling: ["true"] } } : {});
  const used = new Set((await docker.listContainers({ all: true })).map(({ ImageID }) => ImageID));
  const gone = images.filter(({ Id }) => !used.has(Id));
  if (gone.length === 0) {
    services.ui.info(msg("There is no such image."));
    return;
  }
  const size = formatBytes(gone.reduce((sum, { Size }) => sum + Size, 0));
  const [only, ...others] = gone.map(({ Id, RepoTags }) => RepoTags?.[0] ?? Id.replace("sha256:", "").slice(0, 12));
  const question =
    only !== undefined && others.length === 0
      ? msg("Remove the image {name}?", { name: only })
      : msg("Remove {count} images?", { count: gone.length });
  const detail = msg("Up to {size} are freed: less where images share layers.", { size });
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  const filters = { dangling: [choice === "dangling" ? "true" : "false"] };
  const { SpaceReclaimed = 0 } = await docker.pruneImages({ filters: JSON.stringify(filters) });
  services.ui.info(msg("Images removed, {size} freed.", { size: formatBytes(SpaceReclaimed) }));
}

/** Into a file that `docker load` reads. */
export async function saveImage(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image shall be saved?"));
  if (!node) return;
  const file = await vscode.window.showSaveDialog({
    filters: { tar: ["tar"] },
    saveLabel: services.ui.text(msg("Save Image")),
    defaultUri: vscode.Uri.joinPath(
      vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/"),
      `${node.label.replace(/[^\w.-]+/g, "-")}.tar`,
    ),
  });
  if (!file) return;
  const { transport } = await services.engines.connection();
  await services.ui.withProgress(msg("Saving {name}", { name: node.label }), async (report, signal) => {
    const answer = await send(
      transport,
      "GET",
      `/images/get?names=${encodeURIComponent(node.reference)}`,
      undefined,
      signal,
    );
    await writeStream(answer, file.fsPath, (bytes) => report(formatBytes(bytes)), signal);
  });
}

export async function loadImages(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const [file] = (await vscode.window.showOpenDialog({ filters: { tar: ["tar", "tar.gz", "tgz"] } })) ?? [];
  if (!file) return;
  await services.ui.whileWaiting(msg("Loading {name}", { name: file.path.split("/").at(-1) ?? "" }), async () => {
    const { createReadStream } = await import("node:fs");
    const stream = await docker.loadImage(createReadStream(file.fsPath));
    for await (const _ of stream) void _;
  });
}
