// The half of vscode-host.ts that runs inside the extension host: mocha, whose outcomes are sent to the waiting test run.
import type Mocha from "mocha";

declare global {
  /** Hands a measurement out of the extension host to whoever started the run. */
  var report: (name: string, value: unknown) => Promise<void>;
}

/** Called with mocha's class, which is loaded from node_modules and never bundled. */
export async function runTests(
  MochaClass: typeof Mocha,
  url: string,
  loads: readonly (() => unknown)[],
): Promise<void> {
  // One after the other, so that outcomes arrive in the order of the tests.
  let sent: Promise<unknown> = Promise.resolve();
  const send = async (message: unknown): Promise<void> => {
    const earlier = sent;
    sent = earlier.then(() => fetch(url, { method: "POST", body: JSON.stringify(message) }));
    await sent;
  };
  globalThis.report = (name, value) => send({ kind: "report", name, value });
  const outcome = (test: { fullTitle(): string; duration?: number | undefined }, error?: Error): void => {
    const failure = error && { failure: error.stack ?? error.message };
    void send({ kind: "outcome", outcome: { title: test.fullTitle(), durationMs: test.duration ?? 0, ...failure } });
  };
  try {
    const mocha = new MochaClass({ ui: "bdd", timeout: 60_000, reporter: "min" });
    mocha.suite.emit("pre-require", globalThis, "tests.js", mocha);
    for (const load of loads) load();
    await new Promise<void>((resolve) => {
      // A hook that fails is an outcome too: "fail" comes for it as for a test.
      const runner = mocha.run(() => resolve());
      runner.on("pass", (test) => outcome(test));
      runner.on("fail", (test, error) => outcome(test, error));
    });
    await send({ kind: "end" });
  } catch (error) {
    await send({ kind: "end", error: error instanceof Error ? error.stack : String(error) });
    throw error;
  }
}
