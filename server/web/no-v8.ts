/** `node:v8` and `node:vm` where the browser decides how code runs and when garbage goes. */
export function setFlagsFromString(): void {}

export function getHeapStatistics(): { readonly used_heap_size: number } {
  return { used_heap_size: 0 };
}

export function runInNewContext(): undefined {
  return undefined;
}
