/** What the server takes from Node's `globalThis`; bundled in front of everything else. */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
const port: { onmessage?: () => void } = channel.port1 as never;
port.onmessage = () => waiting.shift()?.();

const soon = (task: (...args: readonly unknown[]) => void, ...args: readonly unknown[]) => {
  waiting.push(() => task(...args));
  channel.port2.postMessage(0);
};

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };

Object.assign(globalThis, {
  // The grammars' runtime wants an address of its own, whatever it is, and takes a worker for nothing that it knows.
  document: { currentScript: { src: location.href.replace(/^blob:/, "") } },
  setImmediate: soon,
  process: {
    argv: [],
    env: {},
    platform: "linux",
    versions: {},
    on: () => {},
    exit: () => {},
    stderr: { write: () => true },
  },
});
