// buildah, for root, with a storage of its own.
import { execFileSync, spawn } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ImageConfig } from "../../../engine/oci/types.ts";
import { outputOf } from "../../support/docker-lab.ts";
import { unmountAll } from "../../support/unmount.ts";
import { type Answer, normalConfig, normalHistory } from "./answer.ts";
import { conformanceBases, dockerArchive } from "./base-images.ts";
import type { Workshop } from "./builds.ts";
import type { Case } from "./case.ts";
import { flagsOf, type PeerEngine } from "./docker.ts";
import { applyTar, linesOf, type Tree } from "./tree.ts";

export async function openBuildah(workshop: Workshop): Promise<PeerEngine> {
  const folder = mkdtempSync(path.join(workshop.folder, "buildah-"));
  const storage = [
    "--root",
    path.join(folder, "root"),
    "--runroot",
    path.join(folder, "run"),
    "--storage-driver=overlay",
  ];
  for (const [name, image] of await conformanceBases()) {
    const archive = path.join(folder, `${name}.tar`);
    writeFileSync(archive, await dockerArchive(`docker.io/library/${name}`, image));
    execFileSync("buildah", [...storage, "pull", "-q", `docker-archive:${archive}`], { stdio: "pipe" });
  }

  /** What a RUN writes into a mount of the context stays there: each build has a context of its own. */
  function copyOf(context: string): string {
    const copy = path.join(folder, "context");
    rmSync(copy, { recursive: true, force: true });
    execFileSync("cp", ["-a", context, copy]);
    return copy;
  }

  async function answer(one: Case, tag: string): Promise<Answer> {
    const context = copyOf(await workshop.contextOf(one));
    const tar = path.join(folder, "root.tar");
    const how = ["--isolation=chroot", "--pull-never", "--format=docker"];
    const what = ["-q", "-t", tag, "-f", await workshop.dockerfileOf(one), "-o", `type=tar,dest=${tar}`];
    const args = [...storage, "bud", ...how, ...what, ...flagsOf(one, context, folder), context];
    const { code, stderr } = await outputOf(spawn("buildah", args, { stdio: ["ignore", "pipe", "pipe"] }));
    if (/cannot set --/.test(stderr)) throw new Error(stderr);
    if (code !== 0) return { built: false };
    const tree: Tree = new Map();
    await applyTar(tree, createReadStream(tar));
    rmSync(tar);
    const inspected = execFileSync("buildah", [...storage, "inspect", "--type=image", "-f", "{{.Config}}", tag]);
    const image: ImageConfig = JSON.parse(String(inspected));
    return {
      built: true,
      tree: linesOf(tree, workshop.base),
      config: normalConfig(image),
      history: normalHistory(image),
    };
  }

  // Whoever refuses everything would agree with every failure.
  const trial = await answer({ name: "trial", dockerfile: "FROM busybox\nCOPY f /x\nRUN true\n" }, "conformance:trial");
  if (!trial.built) throw new Error("buildah builds nothing here");

  return {
    async answers(cases) {
      const found: Answer[] = [];
      for (const [at, one] of cases.entries()) found.push(await answer(one, `conformance:${at}`));
      return found;
    },
    async dispose() {
      execFileSync("buildah", [...storage, "rmi", "-a", "-f"], { stdio: "ignore" });
      // It leaves its storage mounted on itself.
      unmountAll(path.join(folder, "root/overlay"));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
