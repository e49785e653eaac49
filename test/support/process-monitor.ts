import { runMonitor } from "../../engine/containers/monitor/run-monitor.ts";
import { processCgroups } from "./process-cgroups.ts";
import { processRuntime } from "./process-runtime.ts";

void runMonitor(process.argv[2] ?? ".", () => ({ runtime: processRuntime, cgroups: processCgroups }));
