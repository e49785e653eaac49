import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import type { ImageLayers, LayerFolder, LayerSearch, LayersSummary } from "../../../engine/base/layers-api.ts";
import { describeWithDocker } from "../../support/docker-users.ts";

const dockerfile = `FROM busybox
RUN mkdir /w && head -c 300000 /dev/zero > /w/big && echo one > /w/kept
RUN rm /w/big && echo two > /w/kept
CMD ["sh"]
`;

describeWithDocker("the layers of an image", (lab) => {
  const ask = (url: string, body?: Buffer, method = "GET"): Promise<{ status: number; data: Buffer }> =>
    new Promise((resolve, reject) => {
      const call = request({ socketPath: lab().socket, method, path: url }, (response) => {
        buffer(response).then((data) => resolve({ status: response.statusCode ?? 0, data }), reject);
      });
      call.on("error", reject);
      call.end(body);
    });
  const json = async <T>(rest: string): Promise<T> => {
    const { status, data } = await ask(`/drydock/images/wasteful/${rest}`);
    assert.equal(status, 200, data.toString());
    return JSON.parse(data.toString()) as T;
  };

  before(async () => {
    const tar = pack();
    tar.entry({ name: "Dockerfile" }, dockerfile);
    tar.finalize();
    const { data } = await ask("/build?t=wasteful", await buffer(tar), "POST");
    assert.match(data.toString(), /Successfully tagged/);
  });

  it("are told at once, with the words of the Dockerfile", async () => {
    const { layers, steps } = await json<ImageLayers>("layers");
    assert.equal(layers.length, 3);
    assert.match(layers[1]?.instruction ?? "", /^RUN mkdir \/w/);
    assert.match(layers[2]?.instruction ?? "", /^RUN rm \/w\/big/);
    assert.deepEqual(steps.at(-1)?.instruction, 'CMD ["sh"]');
    assert.equal(steps.at(-1)?.layer, undefined);
    assert.ok(layers.every(({ digest, sizeBytes }) => digest?.startsWith("sha256:") && sizeBytes > 0));
  });

  it("say what each of them does, and what is wasted", async () => {
    const { wasted, wastedBytes, efficiency, layers } = await json<LayersSummary>("layers/summary");
    assert.deepEqual(wasted.slice(0, 2), [
      { path: "/w/big", wastedBytes: 300_000, layers: [1], removedIn: 2 },
      { path: "/w/kept", wastedBytes: 4, layers: [1, 2] },
    ]);
    assert.equal(wastedBytes, 300_004);
    assert.ok(efficiency < 1);
    assert.deepEqual([layers[2]?.changed, layers[2]?.removed], [1, 1]);
  });

  it("are looked at folder by folder, and searched", async () => {
    const { entries } = await json<LayerFolder>("layers/2/files?path=/w");
    assert.deepEqual(
      entries.map(({ name, change, size }) => [name, change, size]),
      [
        ["big", "removed", 300_000],
        ["kept", "changed", 4],
      ],
    );
    const whole = await json<LayerFolder>("layers/2/files?path=/&view=image&limit=3&offset=1");
    assert.equal(whole.entries.length, 3);
    assert.ok(whole.total > 4);
    const { found } = await json<LayerSearch>("layers/search?q=/w/*&changes=removed");
    assert.deepEqual(
      found.map(({ path }) => path),
      ["/w/big"],
    );
  });

  it("give a file as it was in each of them, from a compressed layer too", async () => {
    const file = async (layer: number, of: string) =>
      (await ask(`/drydock/images/wasteful/layers/${layer}/file?path=${of}`)).data.toString();
    assert.equal(await file(1, "/w/kept"), "one\n");
    assert.equal(await file(2, "/w/kept"), "two\n");
    assert.equal((await ask("/drydock/images/wasteful/layers/1/file?path=/w/big")).data.length, 300_000);
    // busybox came compressed from the registry; its programs are names of one file.
    const shell = await ask("/drydock/images/wasteful/layers/2/file?path=/bin/sh");
    assert.equal(shell.data.subarray(1, 4).toString(), "ELF");
    assert.equal(shell.data.subarray(0, 2).length, 2);
  });

  it("refuse what is not there", async () => {
    const status = async (rest: string) => (await ask(`/drydock/images/${rest}`)).status;
    assert.equal(await status("nothing/layers"), 404);
    assert.equal(await status("wasteful/layers/9/files"), 400);
    assert.equal(await status("wasteful/layers/x/files"), 400);
    assert.equal(await status("wasteful/layers/2/file?path=/w/big"), 404);
    assert.equal(await status("wasteful/layers/2/file?path=/w"), 400);
    assert.equal(await status("wasteful/layers/1/files?path=/none"), 404);
    assert.equal(await status("wasteful/layers/search?changes=odd"), 400);
  });

  it("are read once: the lists are kept beside the store", async () => {
    assert.equal(readdirSync(path.join(lab().home, "layer-contents")).length, 3);
  });
});
