/** Passes on at most ten reports a second. */
export function throttled(report: (total: number) => void, now: () => number): (total: number) => void {
  let last = now();
  return (total) => {
    if (now() - last < 100) return;
    last = now();
    report(total);
  };
}
