// Mocha's spec output, and the counts written to the file named by DRYDOCK_TEST_COUNTS: only a run that came to its end writes it.
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(process.env.DRYDOCK_TEST_COUNTS, JSON.stringify({ passes, failures, pending }));
    });
  }
};
