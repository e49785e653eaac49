import type { Message } from "../../engine/base/message.ts";
import { msg } from "../../engine/base/message.ts";
import { shellOf } from "./image-facts.ts";
import { DebugProblem, onlyWhileStopped, otherFile, unknownName } from "./problems.ts";
import type { Program } from "./program.ts";
import type {
  Breakpoint,
  EvaluateArguments,
  Event,
  Request,
  Response,
  Scope,
  SetBreakpointsArguments,
  Source,
  StackFrame,
  Variable,
} from "./protocol.ts";
import { DebugSession, type Host, type OutputKind } from "./session.ts";
import {
  argumentValue,
  argumentValues,
  environmentValues,
  imageValues,
  shownValue,
  stepValues,
  type Value,
} from "./values.ts";

/** A build that can be gone through. */
export interface Prepared {
  readonly program: Program;
  readonly host: Host;
  /** Path of the Dockerfile. */
  readonly file: string;
  readonly stopOnEntry?: boolean;
  readonly noDebug?: boolean;
}

export interface AdapterOptions {
  /** Reads the Dockerfile and finds the engine. */
  prepare(configuration: unknown): Promise<Prepared>;
  send(message: Response | Event): void;
  translate(message: Message): string;
  errorText(error: unknown): string;
}

/** What `drydock/state` answers: where a shell can be opened. */
export interface DebugState {
  readonly image: string;
  readonly shell: readonly string[];
  /** `NAME=value` of the arguments that a RUN would see. */
  readonly env: readonly string[];
  readonly file: string;
  /** Where an instruction before the next step would stand; from 0. */
  readonly line: number;
  /** The last one that was typed at this stop and that went well. */
  readonly command?: string;
}

const capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsEvaluateForHovers: true,
  supportsExceptionInfoRequest: true,
};

const threadId = 1;

const afterFailure = msg(
  "Change the Dockerfile and press Restart: what is done comes from the cache. Step Over tries this step again.",
);

/** Speaks the Debug Adapter Protocol for one session. */
export class DebugAdapter {
  readonly #options: AdapterOptions;
  #prepared: Prepared | undefined;
  #session: DebugSession | undefined;
  #values: (() => Promise<readonly Value[]>)[] = [];
  #exception = "";
  #command: string | undefined;
  #seq = 1;
  #closed: Promise<void> | undefined;

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  async handle(request: Request): Promise<void> {
    const about = { type: "response", request_seq: request.seq, command: request.command } as const;
    try {
      const body = await this.#answer(request.command, request.arguments);
      this.#options.send({ ...about, seq: this.#seq++, success: true, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      this.#options.send({ ...about, seq: this.#seq++, success: false, message: this.#say(error) });
    }
    // Only after the answer: VS Code wants to know that it runs before it hears that it has stopped.
    this.#after(request.command);
  }

  /** The window closes, or VS Code is done with it. */
  close(): Promise<void> {
    this.#closed ??= this.#session?.close() ?? Promise.resolve();
    return this.#closed;
  }

  async #answer(command: string, given: unknown): Promise<unknown> {
    switch (command) {
      case "initialize":
        return capabilities;
      case "launch":
        return this.#launch(given);
      case "setBreakpoints":
        return { breakpoints: this.#setBreakpoints(given as SetBreakpointsArguments) };
      case "threads":
        return { threads: [{ id: threadId, name: this.#program.targetName }] };
      case "stackTrace":
        return this.#stackTrace();
      case "scopes":
        return { scopes: this.#scopes((given as { readonly frameId: number }).frameId) };
      case "variables":
        return {
          variables: await this.#variables((given as { readonly variablesReference: number }).variablesReference),
        };
      case "evaluate":
        return this.#evaluate(given as EvaluateArguments);
      case "exceptionInfo":
        return {
          exceptionId: this.#options.translate(msg("The step failed")),
          description: `${this.#exception}\n\n${this.#options.translate(afterFailure)}`,
          breakMode: "always",
        };
      case "continue":
        return { allThreadsContinued: true };
      case "pause":
        this.#session?.pause();
        return undefined;
      case "drydock/state":
        return this.#state();
      case "disconnect":
      case "terminate":
        await this.close();
        return undefined;
      default:
        return undefined;
    }
  }

  #after(command: string): void {
    const session = this.#session;
    const prepared = this.#prepared;
    if (!session || !prepared || this.#closed || session.isRunning) return;
    switch (command) {
      case "launch":
        this.#event("initialized");
        return;
      case "configurationDone":
        return void session.start(prepared);
      case "continue":
        return void session.continue();
      case "next":
      case "stepIn":
        return void session.next();
      case "stepOut":
        return void session.stepOut();
      case "stepBack":
        return void session.stepBack();
      case "reverseContinue":
        return void session.reverse();
    }
  }

  async #launch(configuration: unknown): Promise<undefined> {
    const prepared = await this.#options.prepare(configuration);
    this.#prepared = prepared;
    this.#session = new DebugSession(prepared.program, prepared.host, {
      output: (text, kind, line) => this.#output(text, kind, line),
      stopped: (reason, text = "") => {
        this.#exception = text;
        this.#values = [];
        this.#command = undefined;
        this.#event("stopped", { reason, threadId, allThreadsStopped: true, ...(text === "" ? {} : { text }) });
      },
      ended: (exitCode) => {
        this.#event("exited", { exitCode });
        this.#event("terminated");
      },
    });
    return undefined;
  }

  get #program(): Program {
    return this.#begun.program;
  }

  get #begun(): DebugSession {
    if (!this.#session) throw onlyWhileStopped();
    return this.#session;
  }

  get #source(): Source {
    const path = this.#prepared?.file ?? "";
    return { path, name: path.split(/[\\/]/).at(-1) ?? path };
  }

  #setBreakpoints({ source, breakpoints = [] }: SetBreakpointsArguments): Breakpoint[] {
    if (!isSameFile(source.path, this.#prepared?.file)) {
      return breakpoints.map(({ line }) => ({ verified: false, line, message: this.#options.translate(otherFile()) }));
    }
    const placed = breakpoints.map(({ line }) => ({ line, place: this.#program.place(line - 1) }));
    this.#begun.setBreakpoints(placed.flatMap(({ place }) => ("step" in place ? [place.step] : [])));
    return placed.map(({ line, place }) =>
      "step" in place
        ? { verified: true, line: (this.#program.steps[place.step]?.line ?? 0) + 1, source: this.#source }
        : { verified: false, line, message: this.#options.translate(place.problem), source: this.#source },
    );
  }

  #stackTrace(): { readonly stackFrames: readonly StackFrame[]; readonly totalFrames: number } {
    const stackFrames = this.#program.frames(this.#begun.position).map(
      ({ name, line, endLine }, id): StackFrame => ({
        id,
        name,
        source: this.#source,
        line: line + 1,
        column: 1,
        endLine: endLine + 1,
      }),
    );
    return { stackFrames, totalFrames: stackFrames.length };
  }

  #scopes(frameId: number): Scope[] {
    const { translate } = this.#options;
    const session = this.#begun;
    const program = this.#program;
    const frame = program.frames(session.position)[frameId];
    if (!frame) return [];
    const at = session.position === program.end && frameId === 0 ? Number.POSITIVE_INFINITY : frame.line;
    const declared = program.argumentsAt(frame.stage, at);
    const scope = (name: Message, values: () => Promise<readonly Value[]>): Scope => ({
      name: translate(name),
      variablesReference: this.#values.push(values),
      expensive: false,
    });
    const args =
      declared.length === 0
        ? []
        : [scope(msg("Build arguments"), async () => argumentValues(declared, await session.state(), translate))];
    // Of a stage that waits, nothing more is known than what it was given.
    if (frameId > 0) return args;
    return [
      ...args,
      scope(msg("Environment"), async () => environmentValues(await session.state())),
      scope(msg("Step"), async () => stepValues(program.steps[session.position], await session.state(), translate)),
      scope(msg("Image"), async () => imageValues(program.baseOf(frame.stage), await session.state(), translate)),
    ];
  }

  async #variables(reference: number): Promise<Variable[]> {
    if (this.#begun.isRunning) throw onlyWhileStopped();
    const values = (await this.#values[reference - 1]?.()) ?? [];
    return values.map((value) => ({ ...value, variablesReference: 0 }));
  }

  async #state(): Promise<DebugState> {
    const session = this.#begun;
    const facts = await session.neededState();
    const env = this.#declaredHere().flatMap((argument) => {
      const value = argumentValue(argument, facts);
      return value === undefined ? [] : [`${argument.name}=${value}`];
    });
    const own = new Set((facts.Config?.Env ?? []).map((pair) => pair.split("=", 1)[0]));
    const { file = "" } = this.#prepared ?? {};
    const [frame] = this.#program.frames(session.position);
    const line = session.position === this.#program.end ? (frame?.endLine ?? 0) + 1 : (frame?.line ?? 0);
    return {
      image: facts.Id,
      shell: shellOf(facts),
      // ENV wins over ARG.
      env: env.filter((pair) => !own.has(pair.split("=", 1)[0])),
      file,
      line,
      ...(this.#command === undefined ? {} : { command: this.#command }),
    };
  }

  #declaredHere() {
    const { position } = this.#begun;
    const step = this.#program.steps[Math.min(position, this.#program.end - 1)];
    if (!step) return [];
    return this.#program.argumentsAt(step.stage, position === this.#program.end ? Number.POSITIVE_INFINITY : step.line);
  }

  async #evaluate({ expression, context }: EvaluateArguments): Promise<{ result: string; variablesReference: 0 }> {
    if (context !== "repl") return { result: await this.#lookUp(expression), variablesReference: 0 };
    const { image, shell, env } = await this.#state();
    const exitCode = await this.#begun.run({ image, entrypoint: shell, command: [expression], env });
    if (exitCode === 0) this.#command = expression;
    return { result: this.#options.translate(msg("Exit code {code}", { code: exitCode })), variablesReference: 0 };
  }

  /** `NAME`, `$NAME` or `${NAME}`, for hovers and watches. */
  async #lookUp(expression: string): Promise<string> {
    const name = /^\$?\{?(\w+)\}?$/.exec(expression.trim())?.[1];
    if (name === undefined || this.#begun.isRunning) throw unknownName(expression);
    const state = await this.#begun.state();
    const set = environmentValues(state).find((one) => one.name === name)?.value;
    const declared = this.#declaredHere().find((one) => one.name === name);
    const value = declared && argumentValue(declared, state);
    const found = set ?? (value === undefined ? undefined : shownValue(name, value));
    if (found === undefined) throw unknownName(name);
    return found;
  }

  #output(text: string, category: OutputKind, line: number | undefined): void {
    const place = line === undefined ? {} : { source: this.#source, line: line + 1 };
    this.#event("output", { category, output: text, ...place });
  }

  #event(event: string, body?: unknown): void {
    this.#options.send({ seq: this.#seq++, type: "event", event, ...(body === undefined ? {} : { body }) });
  }

  #say(error: unknown): string {
    return error instanceof DebugProblem ? this.#options.translate(error.details) : this.#options.errorText(error);
  }
}

function isSameFile(a: string | undefined, b: string | undefined): boolean {
  // Windows writes the drive in either case.
  return a === b || (a !== undefined && /^[a-z]:/i.test(a) && a.toLowerCase() === b?.toLowerCase());
}
