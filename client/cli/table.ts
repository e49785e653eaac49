/** Columns as wide as their widest cell, three blanks between, as `docker ps` prints. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** In columns of a terminal: Hangul, kana and Chinese characters take two. */
function widthOf(text: string): number {
  return (
    text.length + (text.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g)?.length ?? 0)
  );
}
