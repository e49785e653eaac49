/** What is called like this is neither remembered nor shown. */
export function soundsSecret(name: string): boolean {
  return /pass|secret|token|credential|api_?key|private/i.test(name);
}
