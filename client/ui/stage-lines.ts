/**
 * The lines above which a stage starts, but for the first one: comments right above its FROM belong to it.
 * `froms` are the lines of the FROMs, in order.
 */
export function stageLines(froms: readonly number[], lineAt: (line: number) => string): number[] {
  return froms.slice(1).map((from) => {
    let line = from;
    while (line > 0 && /^\s*#/.test(lineAt(line - 1))) line -= 1;
    // Such comments may as well belong to the stage before.
    return line > 0 && lineAt(line - 1).trim() !== "" ? from : line;
  });
}
