import { formatReference, parseReference } from "../oci/reference.ts";
import type { ContainerConfig } from "../oci/types.ts";
import { type Call, flag, readBody, sendJson, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const commitRoutes: readonly Route[] = [route("POST", "/commit", commit)];

/** An image of a container. It is paused meanwhile, unless that is not wanted or cannot be done here. */
async function commit(call: Call, services: Services): Promise<void> {
  const { containers, content, images, files, events, busy } = services;
  const wanted = text(call, "container");
  if (wanted === undefined) throw badParameter("container", "");
  const container = containers.get(wanted);
  const repository = text(call, "repo");
  const tag = text(call, "tag");
  const name = repository === undefined ? undefined : parseReference(tag ? `${repository}:${tag}` : repository);
  const body = await readBody(call);
  const comment = text(call, "comment") ?? "";
  const author = text(call, "author") ?? "";
  const wish = {
    comment,
    author,
    config: givenConfig(fieldsOf(body ?? {})),
    changes: call.query
      .getAll("changes")
      .flatMap((change) => change.split("\n"))
      .filter((line) => line.trim() !== ""),
  };
  const done = busy();
  const lease = content.lease();
  const resume = flag(call, "pause", true) ? await pause(container.id, services) : async () => {};
  try {
    const manifest = await files.commit(container.id, wish, call.signal);
    const { id } = await images.add(manifest, name ? [name] : []);
    const imageRef = name ? formatReference(name) : "";
    events.emit({
      type: "container",
      action: "commit",
      id: container.id,
      attributes: {
        ...container.labels,
        image: container.options.image,
        name: container.name,
        comment,
        imageID: id,
        imageRef,
      },
      timeNs: nowNs(),
    });
    sendJson(call, 201, { Id: id });
  } finally {
    await resume();
    lease.release();
    done();
  }
}

async function pause(id: string, { containers }: Services): Promise<() => Promise<void>> {
  if (containers.get(id).status !== "running") return async () => {};
  try {
    await containers.pause(id);
  } catch {
    // It ended a moment ago, or nothing can be paused here: what is written meanwhile may be in the image or not.
    return async () => {};
  }
  return () => containers.unpause(id).catch(() => {});
}

function givenConfig(body: Fields): ContainerConfig {
  const names = (field: string) => {
    const given = body.object(field).keys();
    return given.length > 0 ? Object.fromEntries(given.map((name) => [name, {}])) : undefined;
  };
  const some = <T extends readonly unknown[]>(list: T | undefined) => (list && list.length > 0 ? list : undefined);
  const config = {
    User: body.text("User") || undefined,
    ExposedPorts: names("ExposedPorts"),
    Env: some(body.list("Env")),
    Cmd: some(body.list("Cmd")),
    Entrypoint: some(body.list("Entrypoint")),
    Volumes: names("Volumes"),
    WorkingDir: body.text("WorkingDir") || undefined,
    Labels: body.record("Labels"),
    StopSignal: body.text("StopSignal") || undefined,
    OnBuild: some(body.list("OnBuild")),
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as ContainerConfig;
}
