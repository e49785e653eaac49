/** A limit as `--ulimit` says it; -1 is no limit. setrlimit(2): the soft one is never above the hard one. */
export function isSoundLimit({ soft, hard }: { readonly soft: number; readonly hard: number }): boolean {
  return hard === -1 || (soft !== -1 && soft <= hard);
}
