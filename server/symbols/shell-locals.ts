import { parseTree, type SyntaxNode } from "../shell/grammar.ts";
import { askedBare, assignedNames, namedBare, type ShellUse } from "./shell-uses.ts";

/** What a script does to the names that it uses. */
export interface Assigned {
  /** Variables of the script's own: every use comes behind an assignment that is certain to have run. */
  readonly locals: ReadonlySet<string>;
  /** The other assignments: they change what came from outside, and have to keep its name. */
  readonly writes: readonly ShellUse[];
  /** Bare names that are only asked about: `[[ -v A ]]`. */
  readonly tests: readonly ShellUse[];
  /** Everything that looks as if it were assigned. */
  readonly names: ReadonlySet<string>;
}

const noNames: ReadonlySet<string> = new Set();

interface Assignment extends ShellUse {
  readonly end: number;
  readonly isCertain: boolean;
  readonly isTest?: boolean;
}

/** Asks the grammar, and only when a name that is used looks as if it were assigned, too. */
export function readAssigned(text: string, uses: readonly ShellUse[]): Assigned {
  const bare = new Set([...namedBare(text), ...askedBare(text)]);
  const names = uses.length === 0 && bare.size === 0 ? noNames : assignedNames(text);
  const none = { locals: noNames, writes: [], tests: [], names };
  if (bare.size === 0 && !uses.some(({ name }) => names.has(name))) return none;
  // A heredoc of the Dockerfile has its body elsewhere: `<` reads the same here, and keeps every offset.
  const root = parseTree(
    "bash",
    text.replace(/<<-?/g, (sign) => "<".padEnd(sign.length)),
  );
  const assignments: Assignment[] = [];
  collect(root, { text, found: assignments, depth: 0, isCertain: true, isLast: true });
  const locals = new Set<string>();
  const writes: ShellUse[] = [];
  const tests: ShellUse[] = [];
  const firstUses = new Map([...uses].reverse().map(({ name, start }) => [name, start]));
  for (const [name, own] of groupByName(assignments)) {
    const [first] = own;
    const firstUse = firstUses.get(name) ?? (bare.has(name) ? text.length : undefined);
    if (firstUse === undefined) continue;
    if (first?.isCertain && firstUse >= first.end) locals.add(name);
    else for (const { start, isTest } of own) (isTest ? tests : writes).push({ name, start });
  }
  return { locals, writes, tests, names };
}

function groupByName(assignments: readonly Assignment[]): Map<string, Assignment[]> {
  const groups = new Map<string, Assignment[]>();
  for (const one of assignments) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return groups;
}

interface Walk {
  readonly text: string;
  readonly found: Assignment[];
  readonly depth: number;
  /** It runs whenever the script does. */
  readonly isCertain: boolean;
  /** Nothing of the script comes behind it. */
  readonly isLast: boolean;
}

const deepest = 120;
const readers = new Set(["read", "getopts", "mapfile", "readarray"]);

function collect(node: SyntaxNode, walk: Walk): void {
  if (walk.depth > deepest) return;
  const inside = { ...walk, depth: walk.depth + 1 };
  const unsure = { ...inside, isCertain: false, isLast: false };
  const { kind, children } = node;
  switch (kind) {
    case "program":
    case "compound_statement":
      children.forEach((child, at) => {
        collect(child, { ...inside, isLast: walk.isLast && at === children.length - 1 });
      });
      return;
    case "list": {
      // Behind `&&` it may not have run, unless everything that comes is behind that `&&`, too.
      const onlyAnd = walk.isLast && !children.some((child) => child.kind === "||");
      children.forEach((child, at) => {
        collect(child, { ...inside, isCertain: walk.isCertain && (at === 0 || onlyAnd), isLast: false });
      });
      return;
    }
    case "redirected_statement":
    case "variable_assignments":
      for (const child of children) collect(child, inside);
      return;
    case "unset_command":
    case "declaration_command":
      nameBare(node, inside);
      for (const child of children) collect(child, child.kind === "variable_assignment" ? inside : unsure);
      return;
    case "variable_assignment":
    case "for_statement":
      assign(node, inside);
      for (const child of children) collect(child, child.kind === "variable_assignment" ? inside : unsure);
      return;
    case "unary_expression":
      askInTest(node, inside);
      for (const child of children) collect(child, unsure);
      return;
    case "command":
      readInto(node, inside);
      // `A=1 command` is a variable of that command alone.
      for (const child of children) if (child.kind !== "variable_assignment") collect(child, unsure);
      return;
    default:
      for (const child of children) collect(child, unsure);
  }
}

/** `unset A`, `export A`: they say nothing of a value, and mean what came from outside. */
function nameBare({ children }: SyntaxNode, { text, found }: Walk): void {
  for (const { kind, start, end } of children) {
    if (kind === "variable_name") found.push({ name: text.slice(start, end), start, end, isCertain: false });
  }
}

function assign({ kind, end, children }: SyntaxNode, { text, found, isCertain }: Walk): void {
  const variable = children.find((child) => child.kind === "variable_name");
  if (!variable) return;
  const name = text.slice(variable.start, variable.end);
  // The words of a loop are read before its variable is set; `A+=b` uses what was there.
  const body = kind === "for_statement" ? children.find((child) => child.kind === "do_group") : undefined;
  const isNew = text[variable.end] !== "+";
  found.push({ name, start: variable.start, end: body?.start ?? end, isCertain: isCertain && isNew });
}

function readInto(node: SyntaxNode, walk: Walk): void {
  const { text, found, isCertain } = walk;
  const [program, ...args] = node.children;
  const name = program && text.slice(program.start, program.end).replace(/^.*\//s, "");
  if (name === "env") takenAway(args, walk);
  if (name === "test" && args.length === 2) askIn(args[0], args[1], walk);
  if (name === "printf" && args[0] && text.slice(args[0].start, args[0].end) === "-v") {
    const variable = bareName(args[1], text);
    if (variable) found.push({ ...variable, end: node.end, isCertain });
  }
  if (name === undefined || !readers.has(name)) return;
  for (const { start, end: wordEnd } of args) {
    const word = text.slice(start, wordEnd);
    if (/^[A-Za-z_]\w*$/.test(word)) found.push({ name: word, start, end: node.end, isCertain });
  }
}

/** `env -u A --unset=B command`: the command does not have them. */
function takenAway(args: readonly SyntaxNode[], { text, found }: Walk): void {
  for (let at = 0; at < args.length; at += 1) {
    const { start, end } = args[at] as SyntaxNode;
    const word = text.slice(start, end);
    if (!/^-|=/.test(word)) return;
    const joined = /^(?:-[i0v]*u|--unset=)(?=[A-Za-z_]\w*$)/.exec(word)?.[0];
    const isApart = /^(?:-[i0v]*u|--unset)$/.test(word);
    const from = start + (joined?.length ?? 0);
    const variable = isApart
      ? bareName(args[at + 1], text)
      : joined && { name: text.slice(from, end), start: from, end };
    if (variable) found.push({ ...variable, isCertain: false });
    // Of another option the next word is its value.
    if (isApart || /^(?:-[CS]|--chdir|--argv0|-a)$/.test(word)) at += 1;
  }
}

function askInTest({ children }: SyntaxNode, walk: Walk): void {
  askIn(children[0], children[1], walk);
}

function askIn(operator: SyntaxNode | undefined, operand: SyntaxNode | undefined, { text, found }: Walk): void {
  if (!operator || text.slice(operator.start, operator.end) !== "-v") return;
  const variable = bareName(operand, text);
  if (variable) found.push({ ...variable, isCertain: false, isTest: true });
}

/** A word that is a name, with or without quotes. */
function bareName(node: SyntaxNode | undefined, text: string) {
  const match = node && /^(["']?)([A-Za-z_]\w*)\1$/.exec(text.slice(node.start, node.end));
  if (!match) return undefined;
  const [, quote = "", name = ""] = match;
  return { name, start: node.start + quote.length, end: node.end };
}
