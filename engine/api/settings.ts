import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { EngineSettings } from "../base/drydock-api.ts";
import { badField, badMirror, badRegistryHost, mirrorWithPassword, tooManyEntries } from "./errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import type { SettingsStore } from "./services.ts";

const maxEntries = 32;

const defaults: EngineSettings = { registryMirrors: [], insecureRegistries: [] };

/** `<home>/settings.json`. Read each time, so that an edited file counts without a restart; a broken one is as if absent. */
export function openSettings(home: string): SettingsStore {
  const file = path.join(home, "settings.json");
  return {
    async read() {
      const text = await readFile(file, "utf8").catch(() => "");
      try {
        return validate(JSON.parse(text));
      } catch {
        return defaults;
      }
    },
    async write(value) {
      const settings = validate(value);
      await writeAtomically(file, `${JSON.stringify(settings, null, 2)}\n`);
      return settings;
    },
  };
}

/** @throws EngineError `invalid-argument` */
export function validate(value: unknown): EngineSettings {
  const fields = fieldsOf(value);
  const searchUrl = fields.text("searchUrl")?.trim();
  const limit = fields.integer("buildCacheLimitBytes");
  if (limit !== undefined && limit < 0) throw badField("buildCacheLimitBytes", "a number of bytes");
  return {
    registryMirrors: texts(fields, "registryMirrors").map(mirror),
    insecureRegistries: texts(fields, "insecureRegistries").map(registryHost),
    ...(limit === undefined ? {} : { buildCacheLimitBytes: limit }),
    ...(searchUrl ? { searchUrl: baseUrl(searchUrl) } : {}),
  };
}

function texts(fields: Fields, name: string): readonly string[] {
  const list = fields.list(name) ?? [];
  if (list.length > maxEntries) throw tooManyEntries(name, maxEntries);
  return [...new Set(list.map((text) => text.trim()))].filter((text) => text !== "");
}

function mirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !url.hostname) throw badMirror(text);
  // Not in a file that is shown in settings pages: docker's credential helpers are the place for it.
  if (url.username || url.password) throw mirrorWithPassword(url.host);
  if (url.search || url.hash) throw badMirror(text);
  return text.replace(/\/+$/, "");
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw badField("searchUrl", "an address like https://index.docker.io");
  return text.replace(/\/+$/, "");
}

function registryHost(text: string): string {
  if (!/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(text)) {
    throw badRegistryHost(text);
  }
  return text;
}

async function writeAtomically(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(aside, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
