/** What was typed, as an instruction: several lines go into a heredoc, whose name stands in none of them. */
export function asRun(command: string): string {
  const text = command.trim();
  if (!text.includes("\n")) return `RUN ${text}\n`;
  let end = "EOF";
  while (text.split("\n").includes(end)) end += "F";
  return `RUN <<${end}\n${text}\n${end}\n`;
}
