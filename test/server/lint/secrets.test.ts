import assert from "node:assert/strict";
import { isHarmlessValue, isSecretFile, isSecretName, literalSecretsIn } from "../../../server/lint/secrets.ts";

describe("the names of variables", () => {
  it("say that a value is a secret", () => {
    const names =
      "TOKEN NPM_TOKEN GITHUB_TOKEN_2 dbPassword EMAIL_HOST_PASSWORD KEY_STORE_PASSWORD SECRET_KEY API_KEY apiKey AUTH AWS_ACCESS_KEY_ID " +
      "RECAPTCHA_SECRET_KEY SITE_API_KEY GPG_PRIVATE_KEY SSH_KEY CREDENTIALS MYSQLPASSWORD private-key";
    assert.deepEqual(
      names.split(" ").filter((name) => !isSecretName(name)),
      [],
    );
  });

  it("say that it is something else, though a word of a secret is in them", () => {
    const names =
      "TOKEN_URL KEY_NAME KMS_KEY_ALIAS PUBLIC_KEY PASSWORD_FILE SECRET_VERSION TOKEN_EXPIRY_SECONDS CLIENT_KEY_ID SSH_AUTH_SOCK GPG_KEY CACHE_KEY RECAPTCHA_SITE_KEY " +
      "TOKENIZERS_PARALLELISM AUTHOR KEYBOARD MONKEY PATH PWD_DIR";
    assert.deepEqual(
      names.split(" ").filter((name) => isSecretName(name)),
      [],
    );
  });
});

describe("values", () => {
  it("are no secret when they are empty, a switch, a path or an address", () => {
    assert.ok(["", "''", "true", "/run/secrets/x", "./a", "https://example.com/x"].every(isHarmlessValue));
    assert.ok(!["x", "hunter2", "https://a:b@example.com", "12345"].some(isHarmlessValue));
  });
});

describe("paths", () => {
  it("of files that hold a secret are known by their names", () => {
    const secret = [
      ".env",
      "a/.env.local",
      "id_ed25519",
      ".ssh",
      "x/.aws/credentials",
      "tls.key",
      "private.pem",
      "a.p12",
    ];
    assert.deepEqual(
      secret.filter((path) => !isSecretFile(path)),
      [],
    );
    const fine = [".env.example", "id_rsa.pub", "ca.pem", "public.key", "env", "keys.ts", "truststore.jks", ".envrc"];
    assert.deepEqual(fine.filter(isSecretFile), []);
  });
});

describe("texts", () => {
  it("show where a secret stands and who gave it out", () => {
    const token = `ghp_${"0".repeat(36)}`;
    assert.deepEqual(literalSecretsIn(`a ${token} b https://me:hunter2@example.com`), [
      { start: 2, end: 42, kind: "token", service: "GitHub" },
      { start: 56, end: 63, kind: "password" },
    ]);
  });

  it("of hostile length are read once", () => {
    const texts = [
      "https://",
      "a://b:",
      "login a password ",
      "_authToken=",
      "-----BEGIN ",
      "x@:/",
      `ghp_${"0".repeat(20)} `,
    ];
    for (const text of texts) {
      const before = process.cpuUsage();
      literalSecretsIn(text.repeat(200_000 / text.length));
      assert.ok(process.cpuUsage(before).user < 2_000_000, text);
    }
  });
});
