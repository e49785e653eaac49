import type { SyntaxNode } from "./grammar.ts";

export const commandKinds = new Set(["command", "declaration_command", "unset_command"]);
export const openings = new Set([
  "&&",
  "||",
  ";",
  ";;",
  ";&",
  ";;&",
  "|",
  "|&",
  "&",
  "!",
  "{",
  "if",
  "then",
  "elif",
  "else",
  "while",
  "until",
  "do",
]);
export const closings = new Set(["}", "fi", "done", "esac"]);
export const words = new Set(
  "word string raw_string ansi_c_string translated_string concatenation number simple_expansion expansion command_substitution process_substitution arithmetic_expansion brace_expression variable_name special_variable_name regex extglob_pattern variable_assignment".split(
    " ",
  ),
);
export const holeKinds = new Set([
  "simple_expansion",
  "expansion",
  "command_substitution",
  "process_substitution",
  "arithmetic_expansion",
]);
export const statements = new Set(
  "command declaration_command unset_command test_command variable_assignment variable_assignments subshell if_statement while_statement for_statement c_style_for_statement case_statement compound_statement function_definition".split(
    " ",
  ),
);

/** Deeper text is given up: no person writes it, and reading it goes down one call a level. */
export const depthLimit = 120;

export function firstBroken(node: SyntaxNode, depth: number): number {
  if (node.broken || depth > depthLimit * 2) return node.start;
  let first = Number.POSITIVE_INFINITY;
  for (const child of node.children) {
    first = firstBroken(child, depth + 1);
    if (first < Number.POSITIVE_INFINITY) break;
  }
  return first;
}

export function holesOf(node: SyntaxNode): readonly SyntaxNode[] {
  if (holeKinds.has(node.kind)) return [node];
  return node.children.length === 0 ? [] : node.children.flatMap(holesOf);
}

export function isSubstitution({ kind }: SyntaxNode): boolean {
  return kind === "command_substitution" || kind === "process_substitution";
}

export function isStatement(node: SyntaxNode): boolean {
  return statements.has(node.kind);
}

/** A command and nothing around it but redirects. */
export function isSimple({ kind, children }: SyntaxNode): boolean {
  if (commandKinds.has(kind)) return true;
  if (kind === "redirected_statement")
    return children.filter((child) => !child.kind.endsWith("_redirect")).every(isSimple);
  const inner = children.filter((child) => child.kind !== "comment" && child.kind !== ";");
  return kind === "program" && inner.length === 1 && isSimple(inner[0] as SyntaxNode);
}

export function endsInCommand({ kind, children }: SyntaxNode): boolean {
  if (commandKinds.has(kind)) return true;
  const last = children.at(-1);
  const goesOn =
    kind === "list" || kind === "pipeline" || kind === "negated_command" || kind === "redirected_statement";
  return goesOn && last !== undefined && (endsInCommand(last) || last.kind.endsWith("_redirect"));
}
