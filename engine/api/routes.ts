import { archiveRoutes } from "./archive.ts";
import { authRoutes } from "./auth.ts";
import { buildRoutes } from "./build.ts";
import { buildCacheRoutes } from "./build-cache.ts";
import { commitRoutes } from "./commit.ts";
import { containerFileRoutes } from "./container-files.ts";
import { containerIoRoutes } from "./container-io.ts";
import { containerRoutes } from "./containers.ts";
import { distributionRoutes } from "./distribution.ts";
import { drydockRoutes } from "./drydock.ts";
import { notASwarm, notOffered } from "./errors.ts";
import { execRoutes } from "./exec.ts";
import { fileRoutes } from "./files.ts";
import { imageLayerRoutes } from "./image-layers.ts";
import { imageRoutes } from "./images.ts";
import { networkRoutes } from "./networks.ts";
import { pruneRoutes } from "./prune.ts";
import { pushRoutes } from "./push.ts";
import { type Route, route } from "./router.ts";
import { statsRoutes } from "./stats.ts";
import { systemRoutes } from "./system.ts";
import { volumeRoutes } from "./volumes.ts";

/** What Docker has and this engine has not: 501 and a sentence, instead of a bare 404. */
const refused: readonly (readonly [method: string, pattern: string, what: string])[] = [
  ["POST", "/session", "BuildKit sessions"],
  ["POST", "/grpc", "BuildKit sessions"],
];

const swarm = ["swarm", "nodes", "services", "tasks", "secrets", "configs"].flatMap((name) =>
  ["GET", "POST", "DELETE"].flatMap((method) =>
    [`/${name}`, `/${name}/:rest+`].map((pattern) =>
      route(method, pattern, () => {
        throw notASwarm();
      }),
    ),
  ),
);

/** All that the API answers. What is refused comes before the patterns that would take it for a name. */
export const routes: readonly Route[] = [
  ...systemRoutes,
  ...drydockRoutes,
  ...imageLayerRoutes,
  ...fileRoutes,
  ...refused.map(([method, pattern, what]) =>
    route(method, pattern, () => {
      throw notOffered(what);
    }),
  ),
  ...authRoutes,
  ...pruneRoutes,
  ...buildCacheRoutes,
  ...pushRoutes,
  ...distributionRoutes,
  ...archiveRoutes,
  ...imageRoutes,
  ...containerRoutes,
  ...containerIoRoutes,
  ...statsRoutes,
  ...execRoutes,
  ...buildRoutes,
  ...networkRoutes,
  ...volumeRoutes,
  ...containerFileRoutes,
  ...commitRoutes,
  ...swarm,
];
