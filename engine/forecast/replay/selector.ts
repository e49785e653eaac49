import { compileIgnore, type Ignore } from "../../context/ignore.ts";
import { compileGlob, hasWildcards, unescapeGlob } from "../../context/match.ts";

/** Which paths a COPY takes, over strings only: history has no files. A link at the top is not followed. */
export function selectorOf(
  sources: readonly string[],
  excludes: readonly string[],
  ignore: Ignore | undefined,
): (path: string) => boolean {
  const exclude = excludes.length > 0 ? compileIgnore(excludes, "--exclude") : undefined;
  const takers = sources.map(takerOf);
  return (path) => !ignore?.ignores(path) && !exclude?.ignores(path) && takers.some((takes) => takes(path));
}

function takerOf(source: string): (path: string) => boolean {
  const plain = source.replace(/^(?:\.{0,2}\/)+|^\.$/, "").replace(/\/+$/, "");
  if (plain === "") return () => true;
  if (!hasWildcards(plain)) {
    const name = unescapeGlob(plain);
    return (path) => path === name || path.startsWith(`${name}/`);
  }
  const glob = compileGlob(plain);
  const depth = plain.split("/").length;
  // A folder that matches is taken with all that is in it.
  return (path) => glob?.matches(path.split("/").slice(0, depth).join("/")) ?? false;
}
