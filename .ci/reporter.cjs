// Mocha's spec output; counts and failures are also written to the file named by DRYDOCK_TEST_COUNTS: only a run that came to its end writes it.
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const failed = this.failures.map((test) => ({ title: test.titlePath().join(" › "), why: messageOf(test.err) }));
      writeFileSync(process.env.DRYDOCK_TEST_COUNTS, JSON.stringify({ passes, failures, pending, failed }));
    });
  }
};

function messageOf(error) {
  return (error?.stack ?? String(error?.message ?? error)).split("\n").slice(0, 40).join("\n");
}
