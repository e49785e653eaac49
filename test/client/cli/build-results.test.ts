import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { plainFlags } from "../../../client/cli/build-options.ts";
import { missingAttestations, openResultFiles } from "../../../client/cli/build-results.ts";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import type { Digest } from "../../../engine/base/digest.ts";
import { EngineError } from "../../../engine/base/errors.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("what scripts ask of drydock build", () => {
  const scratch = scratchFolder();
  const imageId = `sha256:${"a".repeat(64)}` as Digest;
  const manifest = { mediaType: "m", digest: `sha256:${"b".repeat(64)}` as Digest, size: 7 };
  const done: Extract<BuildEvent, { type: "done" }> = {
    ...{ type: "done", imageId, manifest, tags: ["app:latest", "ghcr.io/me/app:1"] },
    ...{ cachedSteps: 0, totalSteps: 1, durationMs: 1, at: 0 },
  };

  it("is a file with the id, and one about the image, as buildx writes them", () => {
    const [iidfile, metadata] = [path.join(scratch(), "id"), path.join(scratch(), "about.json")];
    const files = openResultFiles({ iidfile, "metadata-file": metadata });
    assert.ok(!existsSync(iidfile));
    files.write(done);
    assert.equal(readFileSync(iidfile, "utf8"), imageId);
    assert.deepEqual(JSON.parse(readFileSync(metadata, "utf8")), {
      "containerimage.config.digest": imageId,
      "containerimage.descriptor": manifest,
      "containerimage.digest": manifest.digest,
      "image.name": "docker.io/library/app:latest,ghcr.io/me/app:1",
    });
  });

  it("is not left from an earlier build, and refused before the build where it cannot be written", () => {
    const iidfile = path.join(scratch(), "id");
    writeFileSync(iidfile, "old");
    openResultFiles({ iidfile });
    assert.ok(!existsSync(iidfile));
    mkdirSync(iidfile);
    const refused = {
      [iidfile]: /: it is a folder$/,
      [path.join(scratch(), "no", "id")]: /: its folder does not exist$/,
    };
    for (const [bad, message] of Object.entries(refused)) {
      for (const flags of [{ iidfile: bad }, { "metadata-file": bad }]) {
        assert.throws(
          () => openResultFiles(flags),
          (error) => error instanceof EngineError && message.test(error.message),
          bad,
        );
      }
    }
    openResultFiles({ iidfile: "/dev/null" }).write(done);
    assert.ok(existsSync("/dev/null"));
  });

  it("is told where it asks for attestations", () => {
    assert.deepEqual(missingAttestations({ provenance: "false", sbom: "0" }), []);
    assert.deepEqual(missingAttestations({ provenance: "mode=max,disabled=true" }), []);
    assert.match(
      missingAttestations({ provenance: "mode=max", sbom: "true" }).join("\n"),
      /=mode=max: .*\n--sbom=true: /,
    );
  });

  it("may say of a flag whether it holds", () => {
    const options = { rm: { type: "boolean" }, pull: { type: "boolean" }, sbom: { type: "string" } };
    const given = ["--rm=true", "--pull=false", "--sbom=true", "--pull=maybe", "--pull", "--", "--rm=true"];
    assert.deepEqual(plainFlags(given, options), ["--rm", "--sbom=true", "--pull=maybe", "--pull", "--", "--rm=true"]);
  });
});
