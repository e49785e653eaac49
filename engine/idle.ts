export interface IdleOptions {
  /** 0: never. */
  readonly idleMs: number;
  readonly isBusy: () => boolean;
  readonly onIdle: () => void;
}

/** Calls `onIdle` once nothing has been going on for `idleMs`. Looks now and then rather than following every event. */
export function watchIdle({ idleMs, isBusy, onIdle }: IdleOptions): { stop(): void } {
  if (idleMs <= 0) return { stop: () => {} };
  let quietSince = performance.now();
  const timer = setInterval(
    () => {
      if (isBusy()) quietSince = performance.now();
      else if (performance.now() - quietSince >= idleMs) {
        clearInterval(timer);
        onIdle();
      }
    },
    Math.min(10_000, Math.max(50, idleMs / 10)),
  );
  return { stop: () => clearInterval(timer) };
}
