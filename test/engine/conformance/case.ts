// What a case of the suite is. Cases are data; who builds them and how answers are compared is elsewhere.
import { digestOf } from "../../../engine/base/digest.ts";
import type { ContainerConfig } from "../../../engine/oci/types.ts";
import { type Context, contextKey, usual } from "./context.ts";

export interface Case {
  readonly name: string;
  readonly dockerfile: string;
  /** Default: `usual`. */
  readonly context?: Context;
  readonly options?: Options;
  /** Where a real engine answers something else, and why. Everything else is compared. */
  readonly differs?: Readonly<Partial<Record<Peer, Differences>>>;
  /** Who is not even asked, and why. */
  readonly unasked?: Readonly<Partial<Record<Peer, string>>>;
  /** The right answer, where docker's is not: each part in which docker differs is here, or buildah says it. */
  readonly expect?: Expectation;
}

export type Peer = "docker" | "buildah";
export const peers: readonly Peer[] = ["docker", "buildah"];

/** `built`: whether it builds at all; when that differs nothing else is compared. */
export type Part = "built" | "tree" | "config" | "history";

export type Differences = Readonly<Partial<Record<Part, string>>>;

export interface Options {
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** By name: a folder of the context, or `docker-image://…`. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly addHosts?: readonly string[];
  readonly platform?: string;
  /** A file of the context instead of `dockerfile`. */
  readonly file?: string;
}

export interface Expectation {
  readonly built?: boolean;
  /** Exactly these lines. */
  readonly tree?: readonly string[];
  /** These fields; `undefined` for one that must be absent. */
  readonly config?: { readonly [Key in keyof ContainerConfig]?: ContainerConfig[Key] | undefined };
  /** The last entries, `created_by` alone. */
  readonly history?: readonly string[];
}

export interface Group {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Makes cases of what comes after `FROM <base>`. */
export function from(base: string) {
  return (name: string, body: string, more: Omit<Case, "name" | "dockerfile"> = {}): Case => ({
    name,
    dockerfile: `FROM ${base}\n${body}\n`,
    ...more,
  });
}

/** Changes when what is built changes; says whether a recorded answer still belongs to the case. */
export function inputOf({ dockerfile, context = usual, options = {} }: Case): string {
  return digestOf(JSON.stringify([dockerfile, contextKey(context), options])).slice(7, 23);
}
