/** Of one file at a time: whoever asks for lines asks for many of the same one. */
let last: { readonly file: string; readonly starts: readonly number[] } | undefined;

/** Where a line of a file starts; its length for a line that it has not. */
export function lineStart(file: string, line: number): number {
  if (last?.file !== file) last = { file, starts: lineStarts(file) };
  return last.starts[line] ?? file.length;
}

export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
