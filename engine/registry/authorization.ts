import { isRecord } from "../oci/documents.ts";
import { readText } from "./body.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { IsInsecure } from "./endpoints.ts";
import {
  accessRefused,
  imageNotFoundOrPrivate,
  loginNeeded,
  loginRefused,
  protocolError,
  RateLimited,
  serverFailed,
  type Wanted,
} from "./errors.ts";
import type { Answer, Transport } from "./transport.ts";
import type { Credentials } from "./types.ts";

export interface AuthorizationRequest {
  /** The answer with status 401. */
  readonly answer: Answer;
  /** Where it came from. */
  readonly url: URL;
  /** For people. */
  readonly host: string;
  readonly wanted: Wanted;
  /** `repository:library/node:pull`, used when the challenge names none. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Why a stored login is not in `credentials`. */
  readonly problem: string | undefined;
  readonly isInsecure: IsInsecure;
  readonly signal: AbortSignal | undefined;
}

/** Value for the Authorization header that answers the challenge. @throws EngineError `registry-denied` and others */
export async function authorize(transport: Transport, request: AuthorizationRequest): Promise<string> {
  const challenges = parseChallenges(request.answer.headers["www-authenticate"]);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.realm);
  if (bearer) return `Bearer ${await fetchToken(transport, bearer, request)}`;
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    throw protocolError(request.host, "it wants a login of an unknown kind");
  }
  if (!request.credentials?.username) throw loginNeeded(request.host, request.problem);
  return basic(request.credentials);
}

/**
 * Distribution's "Token Authentication" (GET, with the password or without anything) and "OAuth2 Token Authentication"
 * (POST with a refresh token).
 */
async function fetchToken(
  transport: Transport,
  { parameters }: Challenge,
  { url, host, wanted, scope, credentials, problem, isInsecure, signal }: AuthorizationRequest,
): Promise<string> {
  const { realm = "", service } = parameters;
  const target = URL.canParse(realm) ? new URL(realm) : undefined;
  // A registry that is spoken to by TLS must not send a password into the open.
  const inTheOpen = target?.protocol === "http:" && url.protocol === "https:" && !isInsecure(target.host);
  if (!target || !/^https?:$/.test(target.protocol) || inTheOpen) {
    throw protocolError(host, "the place where it gives out tokens cannot be used");
  }
  const query = new URLSearchParams({ ...(service ? { service } : {}), scope: parameters.scope ?? scope });
  const { identityToken } = credentials ?? {};
  const headers: Record<string, string> = { accept: "application/json" };
  let body: string | undefined;
  if (identityToken) {
    headers["content-type"] = "application/x-www-form-urlencoded";
    query.set("grant_type", "refresh_token");
    query.set("client_id", "drydock");
    query.set("refresh_token", identityToken);
    body = query.toString();
  } else {
    for (const [name, value] of query) target.searchParams.append(name, value);
    if (credentials) headers.authorization = basic(credentials);
  }
  const answer = await transport.request(target, {
    method: body === undefined ? "GET" : "POST",
    headers,
    ...(body === undefined ? {} : { body }),
    isInsecure,
    signal,
  });
  const text = await readText(answer, { host: target.host, transport, signal });
  if (answer.statusCode === 429) throw RateLimited.from(host, answer);
  if (answer.statusCode >= 500) throw serverFailed(target.host, answer.statusCode);
  if (answer.statusCode >= 400) {
    if (!credentials) throw imageNotFoundOrPrivate(wanted, host, problem);
    throw answer.statusCode === 403 ? accessRefused(host, wanted) : loginRefused(host);
  }
  const token = tokenIn(text);
  if (!token) throw protocolError(target.host, "it gave out no token");
  return token;
}

function tokenIn(text: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const token = isRecord(answer) ? (answer.token ?? answer.access_token) : undefined;
  // It becomes part of a header: nothing but visible ASCII.
  return typeof token === "string" && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
