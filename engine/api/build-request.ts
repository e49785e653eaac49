import path from "node:path";
import type { BuildRequest } from "../base/build-events.ts";
import { readAddress } from "../graph/add.ts";
import { runOptions } from "./build-options.ts";
import { badField } from "./errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";

/** The body of POST /drydock/build. @throws EngineError `invalid-argument` that names the field */
export function readBuildRequest(body: unknown): BuildRequest {
  const fields = fieldsOf(body);
  const contextPath = fields.text("contextPath");
  if (!contextPath || !(path.isAbsolute(contextPath) || isAddress(contextPath))) {
    throw badField("contextPath", "an absolute path or an address");
  }
  const optional = {
    dockerfile: fields.text("dockerfile") || undefined,
    dockerfileText: fields.text("dockerfileText"),
    tags: fields.list("tags"),
    target: fields.text("target") || undefined,
    buildArgs: fields.record("buildArgs"),
    buildContexts: buildContexts(fields),
    labels: fields.record("labels"),
    noCache: fields.flag("noCache"),
    pull: fields.flag("pull"),
    platform: fields.text("platform") || undefined,
    cacheFrom: fields.list("cacheFrom"),
    cacheTo: fields.list("cacheTo"),
    outputs: fields.list("outputs"),
    isPart: fields.flag("isPart"),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { contextPath, ...Object.fromEntries(given), ...runOptions(fields) };
}

/** Something that is fetched, and not a path of this machine. */
export function isAddress(text: string): boolean {
  const address = readAddress(text);
  return address !== undefined && address !== "bad";
}

function buildContexts(fields: Fields): BuildRequest["buildContexts"] {
  const contexts = fields.record("buildContexts");
  for (const value of Object.values(contexts ?? {})) {
    const isKnown = path.isAbsolute(value) || isAddress(value) || /^(?:docker-image|oci-layout):\/\/./.test(value);
    if (!isKnown) throw badField("buildContexts", "an object of absolute paths or addresses");
  }
  return contexts;
}
