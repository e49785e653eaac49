import type { Build, BuildArg, BuildFile } from "../bake/model.ts";
import { isKnownText, type Placed } from "../bake/model.ts";
import { readValues, type Value } from "../bake/values.ts";

/** The services of a Compose file that are built. */
export function readCompose(text: string): BuildFile {
  const services = readValues(text).at("services").entries();
  const builds = services.flatMap(({ key, value }): readonly Build[] => {
    const build = value.at("build");
    if (!build.exists) return [];
    const short = build.text();
    if (short) return [{ name: key, context: short, isInline: false, args: [], inherits: [] }];
    const [context, dockerfile, target] = ["context", "dockerfile", "target"].map((name) => build.at(name).text());
    return [
      {
        name: key,
        ...(context && { context }),
        ...(dockerfile && { dockerfile }),
        ...(target && { target }),
        isInline: build.at("dockerfile_inline").exists,
        args: argsOf(build.at("args")),
        inherits: [],
      },
    ];
  });
  return { builds, mentions: [], groups: [], isBake: false };
}

/** A map, or a list of `NAME=value` and `NAME`. */
function argsOf(args: Value): readonly BuildArg[] {
  const map = args.entries().map(({ key, value }) => argOf(key, value.text()?.text));
  const list = args.items().flatMap((item) => {
    const whole = item.text();
    if (!whole) return [];
    const equals = whole.text.indexOf("=");
    const name = equals < 0 ? whole.text : whole.text.slice(0, equals);
    const { start } = whole.range;
    const range = { start, end: { line: start.line, character: start.character + name.length } };
    return [
      argOf({ text: name, range, isKnown: isKnownText(name) }, equals < 0 ? undefined : whole.text.slice(equals + 1)),
    ];
  });
  return [...map, ...list];
}

export function argOf(name: Placed, value: string | undefined): BuildArg {
  return { name, ...(value !== undefined && { value }) };
}
