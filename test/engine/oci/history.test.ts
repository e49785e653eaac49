import assert from "node:assert/strict";
import { digestOf } from "../../../engine/base/digest.ts";
import { historySteps, instructionOf } from "../../../engine/oci/history.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

describe("what made a layer", () => {
  const said: readonly (readonly [createdBy: string, instruction: string])[] = [
    ["RUN /bin/sh -c npm ci # buildkit", "RUN npm ci"],
    ["RUN |2 A=b C=d e /bin/sh -c npm ci && true # buildkit", "RUN npm ci && true"],
    ["RUN /bin/bash -o pipefail -c curl x | sh -c y # buildkit", "RUN curl x | sh -c y"],
    ["RUN npm ci", "RUN npm ci"],
    ["RUN npm exec sh -c x # buildkit", "RUN npm exec sh -c x"],
    ["/bin/sh -c apt-get update", "RUN apt-get update"],
    ["|1 A=b /bin/sh -c make", "RUN make"],
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ["/bin/sh -c #(nop) ADD file:ab12 in / ", "ADD file:ab12 in /"],
    ["COPY . . # buildkit", "COPY . ."],
    ['CMD ["/bin/sh" "-c" "x"]', 'CMD ["/bin/sh" "-c" "x"]'],
    ["WORKDIR /app", "WORKDIR /app"],
    ["RUN echo '# buildkit' # buildkit", "RUN echo '# buildkit'"],
    ["", ""],
  ];
  for (const [createdBy, instruction] of said) {
    it(`is ${instruction || "not said"} for ${createdBy || "nothing"}`, () => {
      assert.equal(instructionOf(createdBy), instruction);
    });
  }

  it("is found in time, however hostile the words are", () => {
    for (const words of [`|1 ${"/a".repeat(100_000)}`, `RUN |1 ${"sh -a ".repeat(50_000)}`, " /x/sh".repeat(50_000)]) {
      const before = ownCpuMs();
      instructionOf(words);
      assert.ok(ownCpuMs() - before < 1000);
    }
  });
});

describe("the history of an image", () => {
  const rootfs = (count: number) => ({
    type: "layers" as const,
    diff_ids: Array.from({ length: count }, (_, index) => digestOf(String(index))),
  });

  it("says which entry made which layer", () => {
    const history = [
      { created: "2024-01-02T03:04:05Z", created_by: "ADD rootfs /" },
      { created_by: 'CMD ["sh"]', empty_layer: true },
      { created_by: "RUN /bin/sh -c x # buildkit" },
    ];
    assert.deepEqual(historySteps({ history, rootfs: rootfs(2) }), [
      { instruction: "ADD rootfs /", createdMs: Date.UTC(2024, 0, 2, 3, 4, 5), layer: 0 },
      { instruction: 'CMD ["sh"]' },
      { instruction: "RUN x", layer: 1 },
    ]);
  });

  it("gives layers without words when it is too short, and the last ones their layers when it is too long", () => {
    const history = [{ created_by: "COPY a b" }, { created_by: "COPY c d" }];
    assert.deepEqual(
      historySteps({ history, rootfs: rootfs(3) }).map(({ layer }) => layer),
      [0, 1, 2],
    );
    assert.deepEqual(
      historySteps({ history, rootfs: rootfs(1) }).map(({ layer }) => layer),
      [undefined, 0],
    );
    assert.deepEqual(historySteps({ rootfs: rootfs(1) }), [{ instruction: "", layer: 0 }]);
  });
});
