import { EngineError, type ErrorCode } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import { installCommand } from "../runtime/install-command.ts";
import { cancelled } from "./errors.ts";

export function downloadRefused(address: string, status: number): EngineError {
  const missing = status === 404 || status === 410;
  const denied = status === 401 || status === 403 || status === 407;
  return new EngineError({
    code: missing ? "not-found" : denied ? "forbidden" : "unavailable",
    message: msg("{address} cannot be downloaded: the server answers {status}", { address, status }),
    hint: missing
      ? msg("Check the address: the server does not know it.")
      : denied
        ? msg("The server wants a login. Download it in a RUN step with a secret mount.")
        : msg("Try again later."),
    retryable: status >= 500 || status === 429,
  });
}

export function tooManyRedirects(address: string): EngineError {
  return failed(address, msg("it leads from one address to the next without end"));
}

export function checksumDiffers(expected: string, actual: string, address = ""): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("the download {address} has the checksum {actual}, and not {expected}", { address, actual, expected }),
    hint: msg(
      "Either the file was changed at its source, or --checksum is wrong. Look at it before you take the new one.",
    ),
  });
}

/** Whatever a download threw, in words. An EngineError passes unchanged. */
export function downloadFailed(address: string, error: unknown, stallSeconds: number, signal: AbortSignal): unknown {
  if (signal.aborted) return cancelled();
  const code = (error as { code?: unknown } | undefined)?.code;
  if (error instanceof EngineError || typeof code !== "string") return error;
  return failed(address, reasonOf(code, stallSeconds), error);
}

function reasonOf(code: string, stallSeconds: number): Message {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return msg("there is no host of that name, or no network");
  if (code === "ECONNREFUSED") return msg("nothing listens there");
  if (code === "UND_ERR_CONNECT_TIMEOUT") return msg("the host does not answer");
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return msg("nothing came for {seconds} seconds", { seconds: stallSeconds });
  }
  // OpenSSL's verification results, as Node names them.
  if (/CERT|UNABLE_TO_(VERIFY|GET)/.test(code)) return msg("nobody vouches for its certificate ({code})", { code });
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO")
    return msg("what answers there does not speak https");
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    return msg("the connection broke off");
  }
  return msg("{code}", { code });
}

function failed(address: string, reason: Message, cause?: unknown): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("{address} cannot be downloaded: {reason}", { address, reason }),
    hint: msg("Check the address and the network. Proxies are taken from HTTP_PROXY and HTTPS_PROXY of the engine."),
    retryable: true,
    cause,
  });
}

export function gitMissing(): EngineError {
  const command = installCommand(["git"]);
  return new EngineError({
    code: "unsupported",
    message: msg("the address of a git repository needs the program git, which is not installed"),
    hint: msg("Install it and build again: {command}", { command }),
    action: { kind: "run-command", command },
  });
}

export function gitFailed(address: string, said: string, cause?: unknown): EngineError {
  const code: ErrorCode = /not found|does not exist|does not appear/i.test(said) ? "not-found" : "unavailable";
  return new EngineError({
    code,
    message: msg("the repository {address} cannot be fetched: {reason}", { address, reason: said }),
    hint: /Authentication|could not read (?:Username|Password)|Permission denied|terminal prompts/i.test(said)
      ? msg("It wants a login. Give the build the secret GIT_AUTH_TOKEN, or use an ssh address with a key.")
      : msg("Check the address, the branch or tag behind #, and the network."),
    cause,
  });
}

export function gitRefMissing(address: string, ref: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg('the repository {address} has no branch, tag or commit "{ref}"', { address, ref }),
    hint: msg("The branch, tag or commit stands behind the # of the address."),
  });
}

export function gitFolderMissing(address: string, folder: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg('the repository {address} has no folder "{folder}"', { address, folder }),
    hint: msg("The folder stands behind the : of the address: repo.git#branch:folder."),
  });
}
