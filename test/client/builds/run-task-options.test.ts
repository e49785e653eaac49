import assert from "node:assert/strict";
import { optionsOf } from "../../../client/builds/run-task-options.ts";
import { problemsOf, runCommand } from "../../../client/webviews/run-form/options.ts";

describe("client/builds/run-task-options", () => {
  it("says the same as a docker command", () => {
    const options = optionsOf(
      {
        type: "drydock",
        task: "run",
        containerName: "web",
        ports: ["3000:80", "53/udp", "127.0.0.1:8080:8080"],
        volumes: ["./src:/app/src:ro", "data:/data", "C:\\a:/b", "/cache"],
        env: { MODE: "a b" },
        envFile: ".env",
        command: ["node", "a b.js"],
        network: "shop",
        interactive: true,
      },
      "app:1",
    );
    assert.deepEqual(problemsOf(options), []);
    assert.equal(
      runCommand(options),
      "docker run -it --rm --name web -p 3000:80 -p 53/udp -p 127.0.0.1:8080:8080 -v ./src:/app/src:ro -v data:/data " +
        "-v 'C:\\a:/b' -v /cache --env-file .env -e 'MODE=a b' --network shop app:1 node 'a b.js'",
    );
  });

  it("tells a port that is none", () => {
    const options = optionsOf({ type: "drydock", task: "run", ports: ["x:80"] }, "app:1");
    assert.deepEqual(
      problemsOf(options).map(({ field }) => field),
      ["ports.0"],
    );
  });
});
