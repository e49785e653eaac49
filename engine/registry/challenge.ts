/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

// A token with a value is a parameter of the challenge before it; a token alone begins the next challenge.
const part = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = typeof header === "string" ? header : (header ?? []).join(", ");
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, token = "", quoted, plain] of text.matchAll(part)) {
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    if (value === undefined) challenges.push({ scheme: token.toLowerCase(), parameters: {} });
    else {
      const current = challenges.at(-1);
      if (current) current.parameters[token.toLowerCase()] = value;
    }
  }
  return challenges;
}
