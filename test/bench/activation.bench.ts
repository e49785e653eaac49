// Time of the client's activate() in the real extension host: of three starts, the middle one.
import path from "node:path";
import { runExtensionHostTests } from "../support/vscode-host.ts";

async function activationMs(): Promise<number> {
  const { reports, outcomes } = await runExtensionHostTests({
    tests: ["test/vscode/host/activation.test.ts"],
    folder: path.resolve("examples/node-app"),
  });
  const failed = outcomes.find(({ failure }) => failure !== undefined);
  if (failed) throw new Error(`${failed.title}: ${failed.failure}`);
  return Number(reports.activate);
}

async function main(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) times.push(await activationMs());
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ name: "client activation", value: `${times[1]?.toFixed(0)} ms` }));
}

void main();
