import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { toolEnvironment } from "../../snapshot/machine.ts";

/**
 * Copies what is in a folder into another one, with owners, modes, times, attributes and links; the folder's own as well.
 * GNU tar, because layers need it anyway and Node cannot write attributes. Returns what it complained of.
 */
export async function copyTree(
  tar: string,
  { source, target, owners }: { readonly source: string; readonly target: string; readonly owners: boolean },
): Promise<string | undefined> {
  const common = ["--xattrs", "--xattrs-include=security.capability", "--xattrs-include=user.*", "--numeric-owner"];
  const owner = owners ? "--same-owner" : "--no-same-owner";
  const env = { ...toolEnvironment };
  const reader = spawn(tar, [...common, "--format=posix", "--sparse", "-C", source, "-cf", "-", "."], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const readerEnd = complaintOf(reader);
  const writer = spawn(tar, [...common, owner, "-xpf", "-", "-C", target], {
    stdio: [reader.stdout, "ignore", "pipe"],
    env,
  });
  // The writer has it now. While this side held it open too, a reader would wait for ever for a writer that failed.
  reader.stdout.destroy();
  const complaints = await Promise.all([readerEnd, complaintOf(writer)]);
  return complaints.find((complaint) => complaint !== undefined);
}

async function complaintOf(child: ChildProcess): Promise<string | undefined> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < 10_000) stderr += text;
  });
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return code === 0 ? undefined : stderr.trim().split("\n")[0] || `tar: ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}
