import { openNetworks } from "../../engine/containers/networks/networks.ts";
import type { Networks } from "../../engine/containers/networks/types.ts";

/** Networks for plain processes, which are all in the host's. */
export function hostNetworks(home: string): Networks {
  const none = () => Promise.reject(new Error("plain processes have the host's network"));
  return openNetworks({
    home,
    facts: { isolation: "none", outbound: "none", notes: [], tools: {} },
    dir: home,
    setup: { create: none, open: none, shut: () => {}, remove: async () => {}, pathOf: (name) => name },
    onEvent: () => {},
    now: Date.now,
  });
}
