import { runMonitor } from "../../engine/containers/monitor/run-monitor.ts";
import { processCgroups } from "./process-cgroups.ts";
import { processRuntime } from "./process-runtime.ts";

void runMonitor(() => ({ runtime: processRuntime, cgroups: processCgroups }));
