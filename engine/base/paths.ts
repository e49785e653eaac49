/** Where the one engine of this user lives. All paths are absolute. */
export interface EnginePaths {
  /** State: blobs, layers, containers, records. Mode 0700. */
  readonly home: string;
  /** Holds the socket and the pid files. Mode 0700, gone after a reboot. */
  readonly runtimeDir: string;
  /** The Docker Engine API, mode 0600. */
  readonly socket: string;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly uid: number;
}

/**
 * DRYDOCK_HOME and DRYDOCK_HOST win; else the XDG base directories, else their defaults.
 * DRYDOCK_HOST is `unix:///abs/path.sock`, as DOCKER_HOST is written.
 */
export function enginePaths({ env, homeDir, uid }: Surroundings): EnginePaths {
  const home = env.DRYDOCK_HOME || `${env.XDG_DATA_HOME || `${homeDir}/.local/share`}/drydock`;
  const host = env.DRYDOCK_HOST?.replace(/^unix:\/\//, "");
  const runtimeDir = host
    ? host.slice(0, host.lastIndexOf("/")) || "/"
    : `${env.XDG_RUNTIME_DIR || `/tmp/drydock-${uid}`}${env.XDG_RUNTIME_DIR ? "/drydock" : ""}`;
  return { home, runtimeDir, socket: host || `${runtimeDir}/engine.sock` };
}
