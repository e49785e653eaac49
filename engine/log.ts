/** One line of the engine's log, which its standard error goes to. */
export function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}
