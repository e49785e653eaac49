import type { Body, Context, CoreAssignment, CoreCommand, CorePipeline, CoreWord, Span } from "./core.ts";
import { dialectOf, inlineScript, isPosix, readsInput } from "./dialect.ts";
import { parseTree, type SyntaxNode } from "./grammar.ts";
import { type Draft, newDraft, takeWords } from "./posix-draft.ts";
import {
  closings,
  commandKinds,
  depthLimit,
  endsInCommand,
  firstBroken,
  holesOf,
  isSimple,
  isStatement,
  isSubstitution,
  openings,
  statements,
  words,
} from "./posix-tree.ts";
import { placeIn, unquote } from "./words.ts";
import { splitAssignment } from "./wrappers.ts";

const nestingLimit = 3;

/** Goes through a tree once and collects commands, with the operators around them. */
export class PosixReader {
  readonly commands: Draft[] = [];
  pipelines: CorePipeline[] = [];
  readonly comments: Span[] = [];
  complete = true;
  readonly #text: string;
  readonly #place: (offset: number) => number;
  readonly #outside: Context;
  readonly #nesting: number;
  readonly #bodies: readonly Body[];
  /** The operator that was read since the last statement. */
  #operator = "";
  /** Something was read before in this list of statements. */
  #started = false;
  #last: Draft | undefined;
  #lastEnd = 0;
  #broken = Number.POSITIVE_INFINITY;
  #afterAt = new Map<Draft, number>();

  constructor(
    text: string,
    place: (offset: number) => number,
    outside: Context,
    nesting: number,
    bodies: readonly Body[] = [],
  ) {
    this.#text = text;
    this.#place = place;
    this.#outside = outside;
    this.#nesting = nesting;
    this.#bodies = bodies;
  }

  read(root: SyntaxNode): void {
    this.#broken = firstBroken(root, 0);
    if (this.#broken < Number.POSITIVE_INFINITY) this.complete = false;
    if (root.kind !== "ERROR") this.#each(root.children, this.#outside, 0);
    // Behind a mistake the grammar guesses. What ends before it, with an operator in between, was read for certain.
    const kept = this.commands.filter(
      (command) =>
        this.complete ||
        (command.wholeEnd < this.#broken && (this.#afterAt.get(command) ?? this.#broken) < this.#broken),
    );
    this.commands.length = 0;
    for (const command of kept) this.#finish(command);
    const known = new Set<CoreCommand>(this.commands);
    this.pipelines = this.pipelines
      .filter(({ commands }) => this.complete || commands.every((command) => known.has(command)))
      .map((pipeline) => ({ ...pipeline, end: Math.max(pipeline.end, pipeline.commands.at(-1)?.wholeEnd ?? 0) }));
  }

  #each(nodes: readonly SyntaxNode[], context: Context, depth: number): void {
    for (const node of nodes) this.#visit(node, context, depth);
  }

  #visit(node: SyntaxNode, context: Context, depth: number): void {
    if (node.start >= this.#broken) return;
    if (depth > depthLimit) {
      this.#broken = Math.min(this.#broken, node.start);
      this.complete = false;
      return;
    }
    const { kind, children } = node;
    if (statements.has(kind)) this.#begin(node);
    if (commandKinds.has(kind)) return void this.#command(node, context, depth);
    switch (kind) {
      case "comment":
        this.comments.push(this.#span(node));
        return;
      case "pipeline":
        this.#pipeline(node, context, depth, []);
        return;
      case "redirected_statement":
        this.#redirected(node, context, depth);
        return;
      case "subshell":
      case "command_substitution":
      case "process_substitution":
        this.#inside(node, kind === "subshell" ? "subshell" : "substitution", depth);
        return;
      case "function_definition":
        this.#each(children.filter(isStatement), "function", depth + 1);
        return;
      case "if_statement":
      case "elif_clause":
        this.#parts(children, "then", ["condition", "branch"], depth);
        return;
      case "else_clause":
        this.#each(children, "branch", depth + 1);
        return;
      case "while_statement":
        this.#parts(children, "", ["condition", "loop"], depth);
        return;
      case "do_group":
        this.#each(children, "loop", depth + 1);
        return;
      case "case_item":
        this.#caseItem(children, depth);
        return;
      case "for_statement":
      case "c_style_for_statement":
      case "case_statement":
        // Their own words hold no commands but in substitutions, and their `;` separates no statements.
        for (const child of children) {
          if (child.kind === "do_group" || child.kind === "case_item" || child.kind === "esac")
            this.#visit(child, "loop", depth + 1);
          else this.#substitutions(child, depth + 1);
        }
        return;
      case "program":
      case "list":
      case "compound_statement":
      case "negated_command":
        this.#each(children, context, depth + 1);
        return;
      default:
        if (children.length > 0) this.#substitutions(node, depth);
        else this.#token(node);
    }
    if (statements.has(kind)) this.#ended(node);
  }

  #token({ kind, start }: SyntaxNode): void {
    if (openings.has(kind) || closings.has(kind)) this.#operated(kind, start);
  }

  #operated(operator: string, at: number): void {
    if (this.#last && this.#last.after === "") this.#closeLast(operator, at);
    this.#operator = closings.has(operator) || operator === ")" ? "" : operator;
    this.#started = true;
  }

  #closeLast(operator: string, at: number): void {
    if (!this.#last) return;
    this.#last.after = operator;
    this.#afterAt.set(this.#last, at);
  }

  /** Between two statements without an operator stands the end of a line. */
  #begin(node: SyntaxNode): void {
    if (this.#operator !== "" || !this.#started) return;
    if (this.#last && this.#last.after === "") this.#closeLast("\n", this.#lastEnd);
    this.#operator = this.#text.slice(this.#lastEnd, node.start).includes("\n") ? "\n" : "";
  }

  #ended(node: SyntaxNode): void {
    this.#started = true;
    this.#operator = "";
    this.#lastEnd = node.end;
  }

  /** A list of its own within brackets: its operators are not those of the list around it. */
  #inside(node: SyntaxNode, context: Context, depth: number): void {
    const around = { operator: this.#operator, last: this.#last, started: this.#started };
    this.#operator = "(";
    this.#last = undefined;
    this.#started = false;
    for (const child of node.children)
      if (child.children.length > 0 || openings.has(child.kind) || child.kind === "comment")
        this.#visit(child, context, depth + 1);
    if (this.#last && (this.#last as Draft).after === "") this.#closeLast(")", node.end - 1);
    this.#operator = around.operator;
    this.#last = around.last;
    this.#started = around.started;
    if (node.kind === "subshell") {
      this.#last = undefined;
      this.#ended(node);
    }
  }

  #substitutions(node: SyntaxNode, depth: number): void {
    if (depth > depthLimit) return void this.#visit(node, "substitution", depth);
    if (isSubstitution(node)) {
      this.#inside(node, "substitution", depth + 1);
      return;
    }
    for (const child of node.children) {
      if (child.children.length > 0) this.#substitutions(child, depth + 1);
    }
  }

  #parts(
    children: readonly SyntaxNode[],
    keyword: string,
    [first, second]: readonly [Context, Context],
    depth: number,
  ): void {
    let context = first;
    for (const child of children) {
      if (child.kind === keyword || child.kind === "do_group") context = second;
      this.#visit(child, context, depth + 1);
    }
    this.#operator = "";
  }

  #caseItem(children: readonly SyntaxNode[], depth: number): void {
    const bracket = children.findIndex((child) => child.kind === ")");
    this.#operator = ")";
    this.#last = undefined;
    this.#started = false;
    this.#each(children.slice(bracket + 1), "branch", depth + 1);
  }

  #pipeline(node: SyntaxNode, context: Context, depth: number, before: readonly Draft[]): void {
    const members = [...before];
    let start = before[0]?.wholeStart ?? this.#place(node.start);
    let end = this.#place(node.end);
    for (const child of node.children) {
      const count = this.commands.length;
      this.#visit(child, context, depth + 1);
      const first = this.commands[count];
      if (first && isSimple(child)) members.push(first);
      // `cat <<EOF | sh && ls`: the grammar puts the list inside the pipeline.
      if (child.kind === "list" && first && before.length > 0) {
        members.push(first);
        end = first.wholeEnd;
      }
    }
    start = Math.min(start, members[0]?.wholeStart ?? start);
    this.pipelines.push({ commands: members, start, end });
  }

  #command(node: SyntaxNode, context: Context, depth: number): Draft | undefined {
    const draft = this.#draft(node, context);
    let first = true;
    const inner: SyntaxNode[] = [];
    for (const child of node.children) {
      const { kind } = child;
      if (kind === "variable_assignment" && draft.nodes.length === 0 && node.kind === "command") {
        draft.assignments.push(this.#assignment(child));
        inner.push(child);
      } else if (kind.endsWith("_redirect")) this.#redirect(child, draft, context, depth);
      else if (kind === "command_name") {
        const name = child.children.length === 1 ? (child.children[0] as SyntaxNode) : child;
        draft.nodes.push(name);
        inner.push(name);
      } else if (
        words.has(kind) ||
        (first && node.kind !== "command") ||
        (child.children.length === 0 && kind !== "comment")
      ) {
        draft.nodes.push(child);
        inner.push(child);
      } else this.#visit(child, context, depth + 1);
      first = false;
    }
    this.#ended(node);
    if (draft.nodes.length === 0) return undefined;
    this.commands.push(draft);
    this.#last = draft;
    for (const child of inner) if (child.children.length > 0) this.#substitutions(child, depth + 1);
    return draft;
  }

  #draft(node: SyntaxNode, context: Context): Draft {
    const before = this.#operator;
    this.#operator = "";
    return newDraft(this.#span(node), before, context, this.#nesting > 0);
  }

  #redirected(node: SyntaxNode, context: Context, depth: number): void {
    let target: Draft | undefined;
    for (const child of node.children) {
      if (!child.kind.endsWith("_redirect")) {
        this.#visit(child, context, depth + 1);
        // A redirect belongs to the command right before it, however much of a list the grammar puts under it.
        target = endsInCommand(child) ? this.#last : undefined;
      } else this.#redirect(child, target, context, depth);
    }
    this.#lastEnd = node.end;
  }

  #redirect(node: SyntaxNode, command: Draft | undefined, context: Context, depth: number): void {
    const { children } = node;
    const sign = children.findIndex((child) => /[<>]/.test(child.kind));
    const target = children[sign + 1];
    if (sign < 0) return;
    const operator = this.#text.slice(node.start, (children[sign] as SyntaxNode).end).replace(/\s+/g, "");
    const heredoc = this.#bodies.find((body) => body.operator === children[sign]?.start);
    const joins =
      target !== undefined && /&$/.test(operator) && /^(?:\d+-?|-)$/.test(this.#text.slice(target.start, target.end));
    const extra: SyntaxNode[] = [];
    if (command) {
      const end = target?.end ?? node.end;
      command.redirects.push({
        operator: heredoc
          ? operator.replace("<", "<<")
          : joins
            ? operator + this.#text.slice(target.start, target.end)
            : operator,
        ...(target && !joins && { target: this.#word(target) }),
        start: this.#place(node.start),
        end: this.#place(end),
      });
      command.wholeEnd = Math.max(command.wholeEnd, this.#place(end));
      if (heredoc) command.body = heredoc;
    }
    if (target && target.children.length > 0) this.#substitutions(target, depth + 1);
    for (const child of children.slice(sign + 2)) {
      const { kind } = child;
      if (words.has(kind) && command) extra.push(child);
      else if (kind.endsWith("_redirect")) this.#redirect(child, command, context, depth);
      else if (kind === "heredoc_body") {
        if (command && /^\d*<<-?$/.test(operator)) command.body = child;
        this.#substitutions(child, depth + 1);
      } else if (kind === "pipeline") this.#pipeline(child, context, depth + 1, command ? [command] : []);
      else if (kind !== "heredoc_end") this.#visit(child, context, depth + 1);
    }
    if (!command) return;
    command.nodes.push(...extra);
    for (const child of extra) {
      command.wholeEnd = Math.max(command.wholeEnd, this.#place(child.end));
      if (child.children.length > 0) this.#substitutions(child, depth + 1);
    }
  }

  #assignment(node: SyntaxNode): CoreAssignment {
    const { text } = this.#word(node);
    return { ...splitAssignment(text), ...this.#span(node) };
  }

  #word(node: SyntaxNode): CoreWord {
    const { text, constant, quoted } = unquote(this.#text, node, holesOf(node));
    return { text, constant, quoted, start: this.#place(node.start), end: this.#place(node.end) };
  }

  #span({ start, end }: Span): Span {
    return { start: this.#place(start), end: this.#place(end) };
  }

  /** Tells wrappers from program, and reads what is a script in the program's words. */
  #finish(draft: Draft): void {
    this.commands.push(draft);
    const from = takeWords(
      draft,
      draft.nodes.map((node) => this.#word(node)),
    );
    this.#nested(draft, draft.nodes.slice(from));
    draft.nodes = [];
  }

  #nested(draft: Draft, nodes: readonly SyntaxNode[]): void {
    if (this.#nesting >= nestingLimit) return;
    const texts = draft.words.map((word) => word.text);
    const runsScripts = isPosix(dialectOf(draft.name)) || draft.name === "su";
    const script = runsScripts
      ? inlineScript(texts, draft.name === "su")
      : draft.name === "eval" && texts.length === 2
        ? 1
        : -1;
    const node = nodes[script];
    if (script > 0 && node) {
      const holes = holesOf(node);
      // A variable's value is rarely syntax; a substitution's commands are known already.
      if (!holes.every((hole) => hole.kind === "simple_expansion" || hole.kind === "expansion")) return;
      const { text, places } = unquote(this.#text, node, holes, true);
      this.#readNested(text, (offset) => placeIn(places, node, offset));
      return;
    }
    const { body } = draft;
    if (body && isPosix(dialectOf(draft.name)) && readsInput(texts))
      this.#readNested(this.#text.slice(body.start, body.end), (offset) => body.start + offset);
  }

  #readNested(text: string, place: (offset: number) => number): void {
    const inner = new PosixReader(text, (offset) => this.#place(place(offset)), "substitution", this.#nesting + 1);
    inner.read(parseTree("bash", text));
    this.commands.push(...inner.commands);
    this.pipelines.push(...inner.pipelines);
    this.comments.push(...inner.comments);
  }
}
