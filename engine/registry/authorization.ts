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
  wrongLogin,
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
  readonly scopes: readonly string[];
  /** Asks for these scopes, whatever the challenge names. */
  readonly insist?: boolean;
  /** The login is being tried: a token to keep instead of the password is asked for, too. */
  readonly isLogin?: boolean;
  readonly credentials: Credentials | undefined;
  /** Why a stored login is not in `credentials`. */
  readonly problem: string | undefined;
  readonly isInsecure: IsInsecure;
  readonly signal: AbortSignal | undefined;
}

export interface Authorized {
  /** Value for the Authorization header. */
  readonly header: string;
  readonly identityToken?: string;
}

/** Answers the challenge. @throws EngineError `registry-denied` and others */
export async function authorize(transport: Transport, request: AuthorizationRequest): Promise<Authorized> {
  const challenges = parseChallenges(request.answer.headers["www-authenticate"]);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.realm);
  const given = request.credentials?.registryToken;
  if (given) return { header: `Bearer ${given}` };
  if (bearer) return fetchToken(transport, bearer, request);
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    throw protocolError(request.host, "it wants a login of an unknown kind");
  }
  if (!request.credentials?.username) throw loginNeeded(request.host, request.problem);
  return { header: basic(request.credentials) };
}

/**
 * Distribution's "Token Authentication" (GET, with the password or without anything) and "OAuth2 Token Authentication"
 * (POST with a refresh token).
 */
async function fetchToken(
  transport: Transport,
  { parameters }: Challenge,
  { url, host, wanted, scopes, insist, isLogin, credentials, problem, isInsecure, signal }: AuthorizationRequest,
): Promise<Authorized> {
  const { realm = "", service } = parameters;
  const target = URL.canParse(realm) ? new URL(realm) : undefined;
  // A registry that is spoken to by TLS must not send a password into the open.
  const inTheOpen = target?.protocol === "http:" && url.protocol === "https:" && !isInsecure(target.host);
  if (!target || !/^https?:$/.test(target.protocol) || inTheOpen) {
    throw protocolError(host, "the place where it gives out tokens cannot be used");
  }
  const query = new URLSearchParams(service ? { service } : {});
  const wantedScopes = parameters.scope !== undefined && !insist ? [parameters.scope] : scopes;
  const { identityToken } = credentials ?? {};
  const headers: Record<string, string> = { accept: "application/json" };
  let body: string | undefined;
  if (identityToken) {
    headers["content-type"] = "application/x-www-form-urlencoded";
    query.set("grant_type", "refresh_token");
    query.set("client_id", "drydock");
    query.set("refresh_token", identityToken);
    // RFC 6749, 3.3: one parameter, scopes parted by blanks. The token server's GET takes one parameter a scope.
    query.set("scope", wantedScopes.join(" "));
    body = query.toString();
  } else {
    if (isLogin && credentials) {
      query.set("account", credentials.username);
      query.set("client_id", "drydock");
      query.set("offline_token", "true");
    }
    for (const scope of wantedScopes) query.append("scope", scope);
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
    if (isLogin) throw wrongLogin(host);
    if (!credentials) throw insist ? loginNeeded(host, problem) : imageNotFoundOrPrivate(wanted, host, problem);
    throw answer.statusCode === 403 ? accessRefused(host, wanted) : loginRefused(host);
  }
  const { token, identityToken: kept } = tokensIn(text);
  if (!token) throw protocolError(target.host, "it gave out no token");
  return { header: `Bearer ${token}`, ...(kept && isLogin ? { identityToken: kept } : {}) };
}

function tokensIn(text: string): { readonly token?: string | undefined; readonly identityToken?: string | undefined } {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(answer)) return {};
  return { token: usable(answer.token ?? answer.access_token), identityToken: usable(answer.refresh_token) };
}

/** It becomes part of a header: nothing but visible ASCII. */
function usable(token: unknown): string | undefined {
  return typeof token === "string" && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
