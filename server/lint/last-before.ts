/** The last entry that stands before `index`, in a list in ascending order of `at`. */
export function lastBefore<T extends { readonly at: number }>(list: readonly T[], index: number): T | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.at ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
