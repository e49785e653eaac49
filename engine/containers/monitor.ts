import { createCgroups } from "../runtime/cgroups/cgroups.ts";
import { createRuntime } from "../runtime/create-runtime.ts";
import { namesArgument, runNames } from "./monitor/names.ts";
import { runMonitor } from "./monitor/run-monitor.ts";

// The program beside each container: `node monitor.js <folder>`, started by monitors.ts. The folder is for who lists processes.
if (process.argv[2] === namesArgument) void runNames(process.argv.slice(3));
else void runMonitor((facts) => ({ runtime: createRuntime(facts), cgroups: createCgroups(facts) }));
