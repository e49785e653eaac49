import type { Endpoint } from "../types.ts";

/** What stays of it when the container has ended. */
export function withoutAddress({ networkId, networkName, aliases, options }: Endpoint): Endpoint {
  return { networkId, networkName, aliases, options };
}
