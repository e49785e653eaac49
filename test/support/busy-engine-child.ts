import { systemLabOver } from "./containers-system-lab.ts";

// An engine that is busy until it is killed: node busy-engine-child.js <home>. One JSON value a line: what it is about to do
// with which container, and what has come of it.
export interface BusyWord {
  readonly id: string;
  /** `begin`: from now on until the next word about it anything may be true. */
  readonly is: "begin" | "running" | "stopped" | "removed";
  readonly restarts?: boolean;
}

const say = (word: BusyWord) => process.stdout.write(`${JSON.stringify(word)}\n`);

async function main(home: string): Promise<void> {
  const { containers } = await systemLabOver(home);
  await containers.recover();
  for (;;) {
    const all = containers.list();
    const some = all[Math.floor(Math.random() * all.length)];
    const choice = all.length < 3 ? 0 : all.length > 5 ? 3 : Math.floor(Math.random() * 5);
    if (choice === 0 || !some) {
      const restarts = Math.random() < 0.5;
      const { id } = await containers.create({
        image: "test",
        cmd: ["/bin/sh", "-c", "echo up; exec sleep 100000"],
        restartPolicy: { name: restarts ? "always" : "no", maximumRetryCount: 0 },
        ...(Math.random() < 0.3 ? { networkMode: "none" } : {}),
      });
      say({ id, is: "begin" });
      await containers.start(id);
      say({ id, is: "running", restarts });
      continue;
    }
    const { id } = some;
    say({ id, is: "begin" });
    if (choice === 1) {
      await containers.stop(id, { timeoutSeconds: 0 });
      say({ id, is: "stopped" });
    } else if (choice === 2 && some.status === "exited") {
      await containers.start(id);
      say({ id, is: "running", restarts: some.options.restartPolicy?.name === "always" });
    } else {
      await containers.remove(id, { force: true });
      say({ id, is: "removed" });
    }
  }
}

// Containers that die under its hands are no failure here.
process.on("unhandledRejection", () => {});
void main(process.argv[2] ?? "").catch((error) => {
  console.error(error);
  process.exit(1);
});
