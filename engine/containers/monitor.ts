import { createCgroups } from "../runtime/cgroups/cgroups.ts";
import { createRuntime } from "../runtime/create-runtime.ts";
import { runMonitor } from "./monitor/run-monitor.ts";

// The program beside each container: `node monitor.js <container folder>`, started by start-monitor.ts.
void runMonitor(process.argv[2] ?? ".", ({ facts }) => ({
  runtime: createRuntime(facts),
  cgroups: createCgroups(facts),
}));
