import assert from "node:assert/strict";
import type { ContainerInfo, ImageInfo } from "dockerode";
import { containerNodes } from "../../client/views/containers.ts";
import { imageNodes } from "../../client/views/images.ts";
import { formatMessage } from "../../engine/base/message.ts";

const surroundings = { nowMs: 1_000_000_000, translate: formatMessage };
const container = (fields: Partial<ContainerInfo>): ContainerInfo =>
  ({
    Id: "a".repeat(64),
    Names: ["/app"],
    Image: "app:latest",
    State: "running",
    Status: "Up 3 minutes",
    Command: "node server.js",
    Created: 999_000,
    Ports: [],
    ...fields,
  }) as ContainerInfo;
const image = (fields: Partial<ImageInfo>): ImageInfo =>
  ({
    Id: `sha256:${"b".repeat(64)}`,
    RepoTags: ["app:latest"],
    Created: 999_000,
    Size: 1_000_000,
    ...fields,
  }) as ImageInfo;

describe("Containers view", () => {
  it("says name, image, state and ports", () => {
    const [node] = containerNodes(
      [container({ Ports: [{ IP: "0.0.0.0", PublicPort: 3000, PrivatePort: 80, Type: "tcp" }] })],
      surroundings,
    );
    assert.equal(node?.label, "app");
    assert.equal(node?.description, "3000→80 · app:latest");
    assert.equal(node?.kind, "container.running.published");
    assert.deepEqual(node?.hostPorts, [3000]);
    assert.equal(node?.accessibleLabel, "app, running, app:latest");
    // The API's own English status is nowhere.
    assert.match(node?.tooltip ?? "", /^app\napp:latest\nrunning · /);
  });

  it("puts running ones first, the newest on top", () => {
    const nodes = containerNodes(
      [
        container({ Id: "1", Names: ["/old"], Created: 1 }),
        container({ Id: "2", Names: ["/gone"], State: "exited", Status: "Exited (137) 2 hours ago", Created: 9 }),
        container({ Id: "3", Names: ["/new"], Created: 5 }),
      ],
      surroundings,
    );
    assert.deepEqual(
      nodes.map((node) => node.label),
      ["new", "old", "gone"],
    );
    assert.match(nodes[2]?.description ?? "", /exited with 137/);
    assert.equal(nodes[2]?.kind, "container.stopped");
  });
});

describe("Images view", () => {
  it("has a row for each name and puts nameless images last", () => {
    const nodes = imageNodes(
      [
        image({ Id: `sha256:${"c".repeat(64)}`, RepoTags: ["<none>:<none>"], Created: 999_999 }),
        image({ RepoTags: ["app:1", "app:latest"] }),
      ],
      surroundings,
    );
    assert.deepEqual(
      nodes.map((node) => node.label),
      ["app:1", "app:latest", "cccccccccccc"],
    );
    assert.equal(nodes[0]?.description, "1 MB · 17 min ago");
    assert.equal(nodes[2]?.kind, "image.dangling");
    assert.equal(new Set(nodes.map((node) => node.id)).size, 3);
  });
});

describe("what is out of date", () => {
  const id = `sha256:${"b".repeat(64)}`;

  it("is said of images and containers, with why, and a container of an older image knows it", () => {
    const stale = new Map([[id, "server.js has changed."]]);
    const [old] = imageNodes([image({ Id: id })], { ...surroundings, stale });
    assert.match(old?.description ?? "", /^out of date · /);
    assert.match(old?.tooltip ?? "", /Its sources have changed: server\.js has changed\./);
    assert.equal(old?.kind, "image.named.stale");
    const [running] = containerNodes([container({ ImageID: id })], { ...surroundings, stale });
    assert.equal(running?.kind, "container.running.stale");
    const imageIds = new Map([["app:latest", "sha256:newer"]]);
    const [older] = containerNodes([container({ ImageID: id })], { ...surroundings, imageIds });
    assert.match(older?.accessibleLabel ?? "", /built anew since/);
    const [fresh] = containerNodes([container({ ImageID: "sha256:newer" })], { ...surroundings, imageIds, stale });
    assert.equal(fresh?.kind, "container.running");
  });

  it("is said of a container whose image has lost its name to a newer one, under the name that it was built with", () => {
    const builtNames = new Map([[id, "app:latest"]]);
    const imageIds = new Map([["app:latest", "sha256:newer"]]);
    const [old] = containerNodes([container({ Image: id, ImageID: id })], { ...surroundings, builtNames, imageIds });
    assert.equal(old?.image, "app:latest");
    assert.equal(old?.kind, "container.running.stale");
    const [unknown] = containerNodes([container({ Image: id, ImageID: id })], surroundings);
    assert.equal(unknown?.image, "b".repeat(12));
  });
});
