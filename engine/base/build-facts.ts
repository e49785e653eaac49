/** What a client asks before a build of a Dockerfile: what can be chosen, and what the context must have. */
export interface BuildFacts {
  /** Lines count from 0. */
  readonly stages: readonly { readonly name?: string; readonly base: string; readonly line: number }[];
  /** Each name once, as it is first declared. */
  readonly args: readonly { readonly name: string; readonly default?: string }[];
  /** What COPY and ADD take from the context, as written; without variables. */
  readonly sources: readonly string[];
  /** Of the last stage: `80/tcp` as written. */
  readonly ports: readonly string[];
  /** Ids of secrets that RUN steps mount. */
  readonly secrets: readonly string[];
}
