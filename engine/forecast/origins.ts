import path from "node:path";
import type { ForecastRequest } from "../base/forecast.ts";
import { originOf } from "../solver/record.ts";

type Asked = Pick<ForecastRequest, "contextDir" | "dockerfilePath" | "engine">;

/** Under which names builds of this Dockerfile may have been recorded, by whoever asked for them. */
export function originsOf(request: Asked): readonly string[] {
  const { contextDir, dockerfilePath, engine } = request;
  if (engine) return [foreignOrigin(request)];
  const folder = path.resolve(contextDir);
  const named = [...new Set([contextDir, folder])].map((contextPath) =>
    originOf({ contextPath, dockerfile: dockerfilePath }),
  );
  // Found in the folder without having been named.
  const isFound =
    path.dirname(dockerfilePath) === folder && /^(?:dockerfile|containerfile)$/i.test(path.basename(dockerfilePath));
  return isFound ? [...new Set([...named, originOf({ contextPath: folder })])] : named;
}

export function foreignOrigin({ contextDir, dockerfilePath, engine }: Asked): string {
  const own = originOf({ contextPath: path.resolve(contextDir), dockerfile: dockerfilePath });
  return `${engine?.name ?? ""}\0${own}`;
}
