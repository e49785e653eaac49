// Time of the client's activate() in the real extension host, and the host's memory then: of three starts, the middle one.
import path from "node:path";
import { runExtensionHostTests } from "../support/vscode-host.ts";

async function start(): Promise<Readonly<Record<string, unknown>>> {
  const { reports, outcomes } = await runExtensionHostTests({
    tests: ["test/vscode/host/activation.test.ts"],
    folder: path.resolve("examples/node-app"),
  });
  const failed = outcomes.find(({ failure }) => failure !== undefined);
  if (failed) throw new Error(`${failed.title}: ${failed.failure}`);
  return reports;
}

async function main(): Promise<void> {
  const starts: Readonly<Record<string, unknown>>[] = [];
  for (let round = 0; round < 3; round++) starts.push(await start());
  const middle = (key: string) => starts.map((one) => Number(one[key])).sort((a, b) => a - b)[1] ?? Number.NaN;
  const mb = (key: string) => `${(middle(key) / 1e6).toFixed(0)} MB`;
  console.log(JSON.stringify({ name: "client activation", value: `${middle("activate").toFixed(0)} ms` }));
  console.log(
    JSON.stringify({
      name: "extension host with the extension active",
      value: `${mb("heap")} heap, ${mb("resident")} resident`,
    }),
  );
}

void main();
