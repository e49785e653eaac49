import type { IncomingHttpHeaders } from "node:http";
import { EngineError, type ErrorCode } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

/** What was asked for, in the words of errors. */
export interface Wanted {
  /** As people write it: `node:24`. */
  readonly name: string;
  /** Complete without tag: `docker.io/library/node`. */
  readonly repository: string;
  /** Complete: `docker.io/library/node:24`. */
  readonly image: string;
}

/** An answer that asks to wait. */
export class RateLimited extends EngineError {
  readonly retryAfterMs: number | undefined;

  constructor(host: string, retryAfterMs: number | undefined) {
    super({
      code: "registry-rate-limited",
      message: msg("{host} answers no more requests for now: too many came from here", { host }),
      hint: msg("Log in to {host} (docker login {host}): accounts have a higher limit. Or wait, or use a mirror.", {
        host,
      }),
      retryable: true,
    });
    this.retryAfterMs = retryAfterMs;
  }

  /** RFC 9110, 10.2.3: Retry-After is a number of seconds or a date. */
  static from(host: string, { headers }: { readonly headers: IncomingHttpHeaders }): RateLimited {
    const text = String(headers["retry-after"] ?? "");
    const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
    return new RateLimited(host, Number.isFinite(ms) ? Math.max(0, ms) : undefined);
  }
}

export function imageNotFound({ name, image }: Wanted, host: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("no such image: {name}: {host} does not know {image}", { name, host, image }),
    hint: msg("Check the spelling of the name and of the tag."),
  });
}

/** Registries do not tell strangers which private images exist. */
export function imageNotFoundOrPrivate({ name, repository }: Wanted, host: string, problem?: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("no such image: {name}: {host} does not know {image} (a private image needs a login)", {
      name,
      host,
      image: repository,
    }),
    hint: problem
      ? msg("Check the spelling. The stored login could not be used: {problem}.", { problem })
      : msg("Check the spelling. If the image is private, log in first: docker login {host}.", { host }),
  });
}

export function platformNotFound({ name }: Wanted, wanted: string, available: readonly string[]): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("{name} does not exist for {platform}, only for {available}", {
      name,
      platform: wanted,
      available: available.join(", ") || "-",
    }),
    hint: msg("Choose another image or tag, or name one of these platforms."),
  });
}

export function notAnImage({ name }: Wanted, kind: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("{name} is not a container image but {kind}", { name, kind }),
    hint: msg("Check the name; charts and other artifacts cannot be run or built upon."),
  });
}

export function oldManifest({ name }: Wanted): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("{name} is stored in the old image format (schema 1), which is no longer supported", { name }),
    hint: msg("Use a newer tag, or push the image again with a current tool."),
  });
}

export function unsupportedLayer({ name }: Wanted, mediaType: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("{name} has a layer of a kind that cannot be used: {mediaType}", { name, mediaType }),
    hint: msg("Layers that may not be distributed (Windows) or are encrypted are not supported. Choose another image."),
  });
}

export function hostNotFound(host: string, retryable: boolean, cause: unknown): EngineError {
  return unreachable(
    msg("the registry {host} cannot be found: there is no such host name", { host }),
    cause,
    retryable,
  );
}

export function connectionRefused(host: string, cause: unknown): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message: msg("the registry {host} cannot be reached: nothing listens there", { host }),
    hint: msg("Is the registry running, and are host and port right?"),
    cause,
  });
}

export function connectionFailed(host: string, reason: string, cause: unknown): EngineError {
  return unreachable(msg("the registry {host} cannot be reached ({reason})", { host, reason }), cause, true);
}

export function stalled(host: string, seconds: number, cause?: unknown): EngineError {
  return unreachable(msg("the registry {host} sent nothing for {seconds} s", { host, seconds }), cause, true);
}

export function serverFailed(host: string, status: number): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message: msg("the registry {host} is out of order (HTTP status {status})", { host, status }),
    hint: msg("Try again later."),
    retryable: true,
  });
}

export function cutOff(host: string, receivedBytes: number, totalBytes: number): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message: msg("{host} ended the transfer after {received} of {total} bytes", {
      host,
      received: receivedBytes,
      total: totalBytes,
    }),
    hint: msg("Try again later."),
    retryable: true,
  });
}

export function untrustedCertificate(host: string, reason: string, cause: unknown): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message: msg("the certificate of the registry {host} is not trusted ({reason})", { host, reason }),
    hint: msg(
      "For a company's own authority set NODE_EXTRA_CA_CERTS to its certificate; for a test registry add {host} to the insecure registries.",
      { host },
    ),
    cause,
  });
}

export function loginNeeded(host: string, problem?: string): EngineError {
  return new EngineError({
    code: "registry-denied",
    message: msg("{host} wants a login", { host }),
    hint: problem
      ? msg("The stored login could not be used: {problem}.", { problem })
      : msg("Log in and try again: docker login {host}", { host }),
  });
}

export function loginRefused(host: string): EngineError {
  return new EngineError({
    code: "registry-denied",
    message: msg("{host} does not accept the stored user name or password", { host }),
    hint: msg("Log in again: docker login {host}", { host }),
  });
}

/** The login that was given just now. */
export function wrongLogin(host: string): EngineError {
  return new EngineError({
    code: "unauthorized",
    message: msg("{host} does not accept this user name and password", { host }),
    hint: msg("Many registries want an access token here instead of the account's password."),
  });
}

export function configUnreadable(file: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("{file} cannot be read", { file }),
    hint: msg("Correct it, or move it away: nothing was changed, lest something in it be lost."),
  });
}

export function configNotSaved(file: string, reason: string, cause: unknown): EngineError {
  return new EngineError({
    code: reason === "ENOSPC" || reason === "EDQUOT" ? "disk-full" : "forbidden",
    message: msg("the login could not be saved in {file} ({reason})", { file, reason }),
    hint: msg("The file must be yours to write, and its disk must have space. What was in it is unchanged."),
    cause,
  });
}

export function helperFailed(program: string, reason: string): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("the credential helper {program} failed ({reason})", { program, reason }),
    hint: msg("It is named in docker's config.json (credsStore, credHelpers). Install it, or take its name out."),
  });
}

export function searchUnreachable(host: string, error: EngineError): EngineError {
  return new EngineError({
    ...error.details,
    message: msg("the search at {host} failed: {reason}", { host, reason: error.details.message }),
  });
}

export function noCatalog(host: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("{host} does not list what it has", { host }),
    hint: msg("Many registries forbid it. Look for the image on the registry's web page."),
  });
}

export function accessRefused(host: string, { repository }: Wanted): EngineError {
  return new EngineError({
    code: "registry-denied",
    message: msg("{host} does not let this account read {image}", { host, image: repository }),
    hint: msg("Check the spelling of the name, or ask its owner for access."),
  });
}

/** `said`: the registry's own words, perhaps none. */
export function pushRefused(host: string, { repository }: Wanted, said: string): EngineError {
  return new EngineError({
    code: "registry-denied",
    message: said
      ? msg("{host} does not let this account write {image} ({said})", { host, image: repository, said })
      : msg("{host} does not let this account write {image}", { host, image: repository }),
    hint: msg("Tag the image with a name that belongs to the account, or log in as another one: docker login {host}", {
      host,
    }),
  });
}

export function refusedByRegistry(host: string, status: number, said: string): EngineError {
  return new EngineError({
    code: "registry-protocol",
    message: msg("{host} refused a part of the image (HTTP status {status}: {said})", { host, status, said }),
    hint: msg(
      "An old registry may want Docker's media types: push with --media-types docker. Or it has a rule that this image breaks.",
    ),
  });
}

/** The upload that was begun is not known there any more. */
export function uploadLost(host: string): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message: msg("{host} lost the upload that was begun", { host }),
    hint: msg("Try again later."),
    retryable: true,
  });
}

export function uploadDamaged(host: string, digest: string): EngineError {
  return new EngineError({
    code: "registry-protocol",
    message: msg("{host} received something else than {digest}", { host, digest }),
    hint: msg("Something between here and there changes what is sent, or the registry is damaged."),
    retryable: true,
  });
}

export function tooLargeForRegistry(host: string): EngineError {
  return new EngineError({
    code: "registry-protocol",
    message: msg("{host} takes no pieces of this size, nor smaller ones (HTTP status 413)", { host }),
    hint: msg("Its administrator has to raise the limit for uploads, often in a proxy before it."),
  });
}

export function indexIncomplete({ name }: Wanted, platform: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("{name} cannot be pushed as a whole: its image for {platform} is not here", { name, platform }),
    hint: msg("Pull or build that platform first."),
  });
}

export function localDamage({ name }: Wanted, digest: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("{name} is damaged here: {digest} is missing or cut short", { name, digest }),
    hint: msg("Remove the image and pull or build it again."),
  });
}

export function protocolError(host: string, detail: string, cause?: unknown): EngineError {
  return new EngineError({
    code: "registry-protocol",
    message: msg("{host} does not answer as a registry does: {detail}", { host, detail }),
    hint: msg("Check the host and port, and whether a proxy or a login page is in between."),
    cause,
  });
}

export function damagedAnswer(host: string, what: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("{host} sent {what} that is not what its digest or size says", { host, what }),
    hint: msg("Nothing of it was kept. Try again; if it stays so, the registry or a proxy is damaged."),
  });
}

export function allFailed({ name }: Wanted, asked: readonly { host: string; error: EngineError }[]): EngineError {
  const last = asked.at(-1)?.error.details;
  const reasons = asked
    .map(({ host, error }) => msg("[{host}] {reason}", { host, reason: error.details.message }))
    .reduce((before, next) => msg("{before}; {next}", { before, next }));
  const code: ErrorCode = last?.code ?? "registry-unreachable";
  return new EngineError({
    code,
    message: msg("cannot get {name}: {reasons}", { name, reasons }),
    ...(last?.hint ? { hint: last.hint } : {}),
    ...(asked.some(({ error }) => error.details.retryable) ? { retryable: true } : {}),
  });
}

export function mirrorUnusable(mirror: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the mirror {mirror} is not a URL like https://mirror.example.com", { mirror }),
    hint: msg("Correct the setting. A mirror's URL holds no user name; log in to it instead."),
  });
}

export function cancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("cancelled") });
}

function unreachable(message: Message, cause: unknown, retryable: boolean): EngineError {
  return new EngineError({
    code: "registry-unreachable",
    message,
    hint: msg(
      "Check the network connection and the name; behind a proxy set HTTPS_PROXY, or add a mirror in the settings.",
    ),
    retryable,
    cause,
  });
}
