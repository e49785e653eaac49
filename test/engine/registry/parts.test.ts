import assert from "node:assert/strict";
import type { EngineError } from "../../../engine/base/errors.ts";
import { parseChallenges } from "../../../engine/registry/challenge.ts";
import { insecureHosts, isLoopback, mirrorEndpoint, registryEndpoint } from "../../../engine/registry/endpoints.ts";
import { createTransport, defaultTiming } from "../../../engine/registry/transport.ts";

describe("WWW-Authenticate", () => {
  it("may hold several challenges in any form", () => {
    assert.deepEqual(
      parseChallenges('Bearer realm="https://a/t?x=1,2",service=s , scope="a:b:pull,push", Basic realm="\\"q\\""'),
      [
        { scheme: "bearer", parameters: { realm: "https://a/t?x=1,2", service: "s", scope: "a:b:pull,push" } },
        { scheme: "basic", parameters: { realm: '"q"' } },
      ],
    );
    assert.deepEqual(parseChallenges(["Basic realm=x", "BEARER Realm=y"]), [
      { scheme: "basic", parameters: { realm: "x" } },
      { scheme: "bearer", parameters: { realm: "y" } },
    ]);
    assert.deepEqual(parseChallenges(undefined), []);
    assert.deepEqual(parseChallenges("realm=x"), []);
  });
});

describe("endpoint", () => {
  const settings = { registryMirrors: [], insecureRegistries: ["registry.lan:5000"] };
  const isInsecure = insecureHosts(settings);

  it("speaks TLS, and plain HTTP only to loopback and listed hosts", () => {
    assert.deepEqual(registryEndpoint("docker.io", isInsecure).origins, ["https://registry-1.docker.io"]);
    assert.deepEqual(registryEndpoint("ghcr.io", isInsecure).origins, ["https://ghcr.io"]);
    for (const host of ["registry.lan:5000", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "x.localhost"]) {
      assert.deepEqual(registryEndpoint(host, isInsecure).origins, [`https://${host}`, `http://${host}`]);
    }
    for (const host of ["localhost.evil.com", "127.0.0.1.evil.com", "registry.lan"])
      assert.equal(isInsecure(host), false);
    assert.equal(isLoopback("registry.lan:5000"), false);
  });

  it("of a mirror is what its URL says", () => {
    assert.deepEqual(mirrorEndpoint("http://m.lan:5000/hub/", isInsecure), {
      name: "m.lan:5000",
      origins: ["http://m.lan:5000/hub"],
    });
    assert.deepEqual(mirrorEndpoint("mirror.gcr.io", isInsecure)?.origins, ["https://mirror.gcr.io"]);
    for (const text of ["", "ftp://x", "https://", "https://u:p@x", "https://x/?a", "not a url"]) {
      assert.equal(mirrorEndpoint(text, isInsecure), undefined, text);
    }
  });
});

describe("network failure", () => {
  const transport = createTransport(defaultTiming);
  const told = (code: string) =>
    transport.toError(Object.assign(new Error("x"), { code }), "ghcr.io", undefined) as EngineError;
  for (const [code, message, retryable] of [
    ["ENOTFOUND", /no such host name/, false],
    ["EAI_AGAIN", /no such host name/, true],
    ["ECONNREFUSED", /nothing listens there/, undefined],
    ["ECONNRESET", /cannot be reached \(ECONNRESET\)/, true],
    ["UND_ERR_BODY_TIMEOUT", /sent nothing for 30 s/, true],
    ["SELF_SIGNED_CERT_IN_CHAIN", /certificate .* not trusted/, undefined],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /certificate .* not trusted/, undefined],
  ] as const) {
    it(`${code} names the host and what to check`, () => {
      const error = told(code);
      assert.equal(error.code, "registry-unreachable");
      assert.match(error.message, message);
      assert.match(error.message, /ghcr\.io/);
      assert.ok(error.details.hint);
      assert.equal(error.details.retryable, retryable);
    });
  }

  it("is not made of a bug", () => {
    const bug = new TypeError("x is not a function");
    assert.equal(transport.toError(bug, "ghcr.io", undefined), bug);
  });
});
