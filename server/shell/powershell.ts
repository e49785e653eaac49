import type { Context, Core, CoreCommand, CorePipeline, CoreRedirect, CoreWord, Span } from "./core.ts";
import { baseName } from "./dialect.ts";
import { parseTree, type SyntaxNode } from "./grammar.ts";

/** The commands of PowerShell text: names, arguments and pipes. Expressions have no commands but those inside brackets. */
export function readPowershell(text: string): Core {
  const root = parseTree("powershell", text);
  const commands: CoreCommand[] = [];
  const pipelines: CorePipeline[] = [];
  const comments: Span[] = [];
  let complete = true;

  const visit = (node: SyntaxNode, context: Context, depth: number): void => {
    if (node.broken || depth > depthLimit) {
      complete = false;
      return;
    }
    if (node.kind === "comment") comments.push({ start: node.start, end: node.end });
    if (node.kind === "command") {
      // An error right behind it may be the rest of its arguments, so it is taken for one only when its end is sure.
      const command = commandOf(text, node, context);
      if (command) commands.push(command);
    }
    const inner = contexts[node.kind] ?? context;
    const count = commands.length;
    let broken = false;
    for (const child of node.children) {
      if (child.broken && node.kind !== "command") {
        complete = false;
        broken = true;
        continue;
      }
      if (broken) continue;
      visit(child, inner, depth + 1);
    }
    if (node.kind !== "pipeline_chain") return;
    const members = commands.slice(count).filter((command) => node.children.some((child) => sameStart(child, command)));
    if (members.length > 1) pipelines.push({ commands: members, start: node.start, end: node.end });
  };
  visit(root, "top", 0);
  const firstError = complete ? Number.POSITIVE_INFINITY : firstBroken(root);
  const kept = commands.filter((command) => command.wholeEnd < firstError && separates(text, command, firstError));
  const known = new Set(kept);
  return {
    commands: kept,
    pipelines: pipelines.filter((pipeline) => pipeline.commands.every((command) => known.has(command))),
    comments,
    plain: false,
    simple: complete && kept.length === 1,
    complete,
    options: new Set(),
  };
}

const depthLimit = 400;

const contexts: Readonly<Record<string, Context>> = {
  parenthesized_expression: "substitution",
  sub_expression: "substitution",
  script_block_expression: "function",
  function_statement: "function",
  statement_block: "branch",
};

function sameStart(node: SyntaxNode, command: CoreCommand): boolean {
  return node.kind === "command" && node.start === command.wholeStart;
}

function firstBroken(node: SyntaxNode, depth = 0): number {
  if (node.broken || depth > depthLimit) return node.start;
  return Math.min(Number.POSITIVE_INFINITY, ...node.children.map((child) => firstBroken(child, depth + 1)));
}

/** Between a command and a mistake stands an operator. */
function separates(text: string, command: CoreCommand, error: number): boolean {
  return error === Number.POSITIVE_INFINITY || /[;|&\n]/.test(text.slice(command.wholeEnd, error));
}

function commandOf(text: string, node: SyntaxNode, context: Context): CoreCommand | undefined {
  const words: CoreWord[] = [];
  const redirects: CoreRedirect[] = [];
  for (const child of node.children) {
    if (child.kind === "command_name") words.push(wordOf(text, child));
    else if (child.kind === "command_name_expr") words.push(wordOf(text, child));
    else if (child.kind === "command_elements") {
      for (const element of child.children) {
        if (element.kind === "redirection") redirects.push(redirectOf(text, element));
        else if (element.kind !== "command_argument_sep")
          words.push(...elements(element).map((part) => wordOf(text, part)));
      }
    }
  }
  const [program, ...args] = words;
  if (!program) return undefined;
  const end = args.at(-1)?.end ?? program.end;
  return {
    name: program.constant ? baseName(program.text) : "",
    words: [program, ...args],
    wrappers: [],
    assignments: [],
    redirects,
    before: operatorBefore(text, node.start),
    after: operatorAfter(text, Math.max(end, redirects.at(-1)?.end ?? end)),
    context,
    nested: false,
    start: program.start,
    end,
    wholeStart: node.start,
    wholeEnd: Math.max(end, redirects.at(-1)?.end ?? end),
  };
}

/** `'/i', 'x.msi'` is one argument for the grammar; for a rule each is a word. */
function elements(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.kind !== "array_literal_expression") return [node];
  return node.children.filter((child) => child.kind !== ",");
}

function wordOf(text: string, { start, end }: Span): CoreWord {
  const raw = text.slice(start, end);
  const single = /^'((?:[^']|'')*)'$/.exec(raw)?.[1];
  if (single !== undefined) return { text: single.replaceAll("''", "'"), start, end, quoted: true, constant: true };
  const double = /^"((?:[^"`]|`[\s\S]|"")*)"$/.exec(raw)?.[1];
  const inside = double ?? raw;
  const constant = !/(?<!`)\$[\w{(:]|^\(|^@/.test(inside) && (double !== undefined || !/[*?]/.test(inside));
  return {
    text: inside.replace(/`([\s\S])/g, "$1").replaceAll('""', '"'),
    start,
    end,
    quoted: double !== undefined,
    constant,
  };
}

function redirectOf(text: string, node: SyntaxNode): CoreRedirect {
  const [sign, file] = node.children;
  const name = file?.children.find((child) => child.kind !== "command_argument_sep");
  return {
    operator: text.slice(node.start, sign?.end ?? node.end),
    ...(name && { target: wordOf(text, name) }),
    start: node.start,
    end: node.end,
  };
}

function operatorBefore(text: string, start: number): string {
  return /(&&|\|\||[;|({\n])[ \t\r]*$/.exec(text.slice(Math.max(0, start - 40), start))?.[1] ?? "";
}

function operatorAfter(text: string, end: number): string {
  return /^[ \t\r]*(&&|\|\||[;|)}\n])/.exec(text.slice(end, end + 40))?.[1] ?? "";
}
