import { createCgroups } from "../runtime/cgroups/cgroups.ts";
import { createRuntime } from "../runtime/create-runtime.ts";
import { runMonitor } from "./monitor/run-monitor.ts";

// The program beside each container: `node monitor.js <folder>`, started by monitors.ts. The folder is for who lists processes.
void runMonitor((facts) => ({ runtime: createRuntime(facts), cgroups: createCgroups(facts) }));
