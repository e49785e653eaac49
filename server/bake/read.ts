import { argOf } from "../compose/read.ts";
import { readHcl } from "./hcl.ts";
import type { Build, BuildFile } from "./model.ts";
import { readValues } from "./values.ts";

/** docker-bake.hcl or .json: both say the same. */
export function readBake(text: string, isJson: boolean): BuildFile {
  const root = isJson ? readValues(text) : readHcl(text);
  const builds = root
    .at("target")
    .entries()
    .map(({ key, value }): Build => {
      const [context, dockerfile, target] = ["context", "dockerfile", "target"].map((name) => value.at(name).text());
      return {
        name: key,
        ...(context && { context }),
        ...(dockerfile && { dockerfile }),
        ...(target && { target }),
        isInline: value.at("dockerfile-inline").exists,
        args: value
          .at("args")
          .entries()
          .map((entry) => argOf(entry.key, entry.value.text()?.text)),
        inherits: value
          .at("inherits")
          .items()
          .flatMap((item) => item.text() ?? []),
      };
    });
  const groups = root.at("group").entries();
  const mentions = groups.flatMap(({ value }) =>
    value
      .at("targets")
      .items()
      .flatMap((item) => item.text() ?? []),
  );
  return { builds, mentions, groups: groups.map(({ key }) => key), isBake: true };
}
