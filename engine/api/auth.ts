import type { Credentials } from "../registry/types.ts";
import { type Call, readBody, sendJson } from "./call.ts";
import { registryHostOf } from "./credentials.ts";
import { badField } from "./errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const authRoutes: readonly Route[] = [
  route("POST", "/auth", check),
  route("POST", "/drydock/login", login),
  route("POST", "/drydock/logout", logout),
];

/** `POST /auth`: is this login right? The client keeps it. Nothing of the body is ever logged. */
async function check(call: Call, { registry }: Services): Promise<void> {
  const fields = fieldsOf(await readBody(call));
  const host = registryHostOf(fields.text("serveraddress") ?? "");
  const { identityToken = "" } = await registry.checkLogin(host, credentialsIn(fields), call.signal);
  sendJson(call, 200, { Status: "Login Succeeded", IdentityToken: identityToken });
}

/** The same, and the engine keeps it where docker would: for clients that are not docker's. */
async function login(call: Call, { registry }: Services): Promise<void> {
  const fields = fieldsOf(await readBody(call));
  const host = registryHostOf(fields.text("serveraddress") ?? "");
  const stored = await registry.login(host, credentialsIn(fields), call.signal);
  sendJson(call, 200, { registry: host, ...stored });
}

async function logout(call: Call, { registry }: Services): Promise<void> {
  const host = registryHostOf(fieldsOf(await readBody(call)).text("serveraddress") ?? "");
  sendJson(call, 200, { registry: host, erased: await registry.logout(host, call.signal) });
}

function credentialsIn(fields: Fields): Credentials {
  const username = fields.text("username") ?? "";
  const password = fields.text("password") ?? "";
  const identityToken = fields.text("identitytoken");
  // Basic authentication parts the two at the first colon.
  if (username.includes(":")) throw badField("username", "a text without a colon");
  if (!identityToken && (!username || !password)) throw badField("username and password", "given");
  return { username, password, ...(identityToken ? { identityToken } : {}) };
}
