/**
 * The way of a container's variables through the host's tools.
 *
 * The set-up is a chain of programs that exec each other, so a variable put in at the start arrives at the end. But an image
 * chooses its variables, and the chain runs outside of the container: a variable that a shell, the dynamic loader or
 * perl would act on must not reach them (LD_PRELOAD may name a file of the image itself). Such a variable travels wrapped in
 * one with a harmless name and is unwrapped by the last program of the chain.
 */
export interface CarriedEnvironment {
  /** For the chain. */
  readonly env: Readonly<Record<string, string>>;
  /** True when the last program has something to unwrap. */
  readonly wrapped: boolean;
}

export const wrapPrefix = "DRYDOCK_WRAPPED_";

/** Names that sh adds or changes; taken away at the end unless the container has its own. */
export const shellNoise = ["PWD", "OLDPWD", "SHLVL", "_"] as const;

const special = new Set([
  ...shellNoise,
  ..."SHELL ENV IFS CDPATH PPID UID EUID GROUPS OPTIND OPTARG OPTERR LINENO RANDOM SRANDOM SECONDS PS1 PS2 PS4".split(
    " ",
  ),
  ..."SHELLOPTS POSIXLY_CORRECT FUNCNEST FUNCNAME PIPESTATUS DIRSTACK HISTCMD EPOCHSECONDS EPOCHREALTIME".split(" "),
  ..."MAIL MAILPATH MAILCHECK KSH_VERSION COLUMNS LINES HOSTALIASES LOCALDOMAIN RES_OPTIONS NLSPATH LOCPATH".split(" "),
  ..."GETCONF_DIR TMPDIR TZDIR COMSPEC RESOLV_HOST_CONF NIS_PATH".split(" "),
]);
const specialPrefixes = [
  "LD_",
  "BASH",
  "GCONV_",
  "GLIBC_",
  "MALLOC_",
  "MUSL_",
  "LIBMOUNT_",
  "LIBBLKID_",
  "LIBSMARTCOLS_",
  "PERL",
  wrapPrefix,
];

export function carryEnvironment(env: readonly string[]): CarriedEnvironment {
  const variables = new Map<string, string>();
  for (const entry of env) {
    const equals = entry.indexOf("=");
    if (equals > 0) variables.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  const carried: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of variables) {
    if (passesUntouched(name)) carried[name] = value;
    else carried[`${wrapPrefix}${count++}`] = `${name}=${value}`;
  }
  return { env: carried, wrapped: count > 0 };
}

/** dash drops names that are not identifiers (Elasticsearch's `discovery.type`), so they travel wrapped as well. */
function passesUntouched(name: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) &&
    !special.has(name) &&
    !specialPrefixes.some((prefix) => name.startsWith(prefix))
  );
}

export function variable(env: readonly string[], name: string): string | undefined {
  return env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
