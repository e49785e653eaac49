/** Totals since the start; what cannot be measured here is absent. */
export interface StatsSample {
  readonly readAt: number;
  readonly cpuTotalNs?: bigint;
  readonly cpuUserNs?: bigint;
  readonly cpuSystemNs?: bigint;
  /** CPU time of the whole machine. */
  readonly machineCpuNs: bigint;
  readonly onlineCpus: number;
  readonly throttling?: { readonly periods: number; readonly throttled: number; readonly throttledNs: bigint };
  readonly memoryBytes?: number;
  readonly memoryMaxBytes?: number;
  /** The limit, or the machine's memory. */
  readonly memoryLimitBytes: number;
  /** `cache`, `rss`, `inactive_file`, … */
  readonly memoryParts: Readonly<Record<string, number>>;
  readonly pids?: number;
  readonly pidsLimit?: number;
  readonly networks: Readonly<Record<string, InterfaceCounters>>;
  readonly blockIo: readonly {
    readonly major: number;
    readonly minor: number;
    readonly op: string;
    readonly bytes: number;
  }[];
}

export interface InterfaceCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}
