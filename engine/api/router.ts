import type { Call } from "./call.ts";
import { badParameter } from "./errors.ts";
import type { Services } from "./services.ts";

export type Handler = (call: Call, services: Services) => Promise<void> | void;

export interface Route {
  readonly method: string;
  /** `/containers/:id/start`; `:name+` also takes slashes (image names). */
  readonly pattern: string;
  readonly handler: Handler;
}

export function route(method: string, pattern: string, handler: Handler): Route {
  return { method, pattern, handler };
}

export interface Match {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds a route; the first in the list wins, so literal paths stand before patterns. HEAD is answered by GET. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const compiled = routes.map((entry) => ({ ...entry, ...compile(entry.pattern) }));
  return (method, path) => {
    for (const entry of compiled) {
      if (entry.method !== method && !(method === "HEAD" && entry.method === "GET")) continue;
      const found = entry.expression.exec(path);
      if (!found) continue;
      const params = Object.fromEntries(entry.names.map((name, at) => [name, decode(name, found[at + 1] ?? "")]));
      return { handler: entry.handler, params };
    }
    return undefined;
  };
}

function compile(pattern: string): { readonly expression: RegExp; readonly names: readonly string[] } {
  const names: string[] = [];
  const source = pattern.replace(/:(\w+)(\+?)/g, (_, name: string, many: string) => {
    names.push(name);
    return many ? "(.+)" : "([^/]+)";
  });
  return { expression: new RegExp(`^${source}$`), names };
}

function decode(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badParameter(name, text);
  }
}
