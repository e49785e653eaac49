/** A mistake of ours and not of a person: `scriptOf` before `prepareShell()` has resolved. */
export function grammarNotReady(grammar: string): Error {
  return new Error(`The ${grammar} grammar is not loaded; await prepareShell() first.`);
}
