const nodeScript = /^(?:\.\/)?(?:src\/|bin\/|dist\/|build\/)?(?:server|app|www)(?:\.[cm]?[jt]s)?$/;
const pythonScript = /^(?:\.\/)?(?:src\/)?(?:server|app)\.py$/;
const startScript = /^(?:start|serve|dev|start:\w+|server)$/;
const help = /^(?:--?help|-h|--version|-v|-V)$/;

type Test = (args: readonly string[]) => boolean;

const runner: Test = ([verb, script]) =>
  verb === "start" || ((verb === "run" || verb === "run-script") && script !== undefined && startScript.test(script));
const shortRunner: Test = (args) => runner(args) || (args[0] !== undefined && startScript.test(args[0]));
const always: Test = () => true;

const servers: Readonly<Record<string, Test>> = {
  node: (args) => nodeScript.test(args.find((arg) => !arg.startsWith("-")) ?? "") && !args.some(isNodeOneShot),
  nodemon: always,
  "ts-node": ([script]) => nodeScript.test(script ?? ""),
  tsx: ([script]) => nodeScript.test(script ?? "") || script === "watch",
  npm: runner,
  yarn: shortRunner,
  pnpm: shortRunner,
  bun: shortRunner,
  npx: ([tool = "", ...rest]) =>
    ["nodemon", "serve", "http-server", "live-server"].includes(tool) && !rest.some(isHelp),
  "http-server": always,
  python: ([first, second, third]) =>
    pythonScript.test(first ?? "") ||
    (first === "manage.py" && second === "runserver") ||
    (first === "-m" && (second === "http.server" || second === "uvicorn" || second === "gunicorn")) ||
    (first === "-m" && second === "flask" && third === "run"),
  flask: (args) => args.includes("run"),
  uvicorn: always,
  gunicorn: (args) => !args.includes("--check-config"),
  hypercorn: always,
  daphne: always,
  streamlit: ([verb]) => verb === "run",
  rails: ([verb]) => verb === "server" || verb === "s",
  rackup: always,
  php: ([first, second]) => first === "-S" || (first === "artisan" && second === "serve"),
  nginx: (args) => args.length === 0 || args.some((arg) => /daemon\s+off/.test(arg)),
  "apache2-foreground": always,
  "redis-server": (args) => !args.includes("--test-memory"),
  java: (args) => args[0] === "-jar" && args.length === 2 && /(?:^|[-_/])server\.jar$/.test(args[1] ?? ""),
};

/** Whether it is worth while to gather the words of this program. */
export function mayServe(program: string): boolean {
  return Object.hasOwn(servers, program) || program === "bundle" || program.startsWith("python3");
}

/** True when the command plainly starts a program that serves until it is stopped. In doubt: false. */
export function startsServer(words: readonly string[]): boolean {
  const [program = "", ...args] = words;
  const inner = program === "bundle" && args[0] === "exec" ? args.slice(1) : undefined;
  if (inner) return startsServer(inner);
  const name = program.replace(/^python3(\.\d+)?$/, "python");
  if (!Object.hasOwn(servers, name) || args.some(isHelp)) return false;
  return servers[name]?.(args) ?? false;
}

function isHelp(arg: string): boolean {
  return help.test(arg);
}

/** `-e`, `-p`, `--check`: evaluates or checks and ends. */
function isNodeOneShot(arg: string): boolean {
  return /^(?:-e|-p|-c|--eval|--print|--check)$/.test(arg);
}
