import { once } from "node:events";
import { text } from "node:stream/consumers";
import { extract } from "tar-stream";
import { GenericContainer, Network, Wait } from "testcontainers";

// A program of somebody who tests with testcontainers, against the engine of DOCKER_HOST: node testcontainers-child.js <folder with a Dockerfile>
// Prints what it saw as JSON.
const [folder = ""] = process.argv.slice(2);

/** A server that serves the files of /data, says when it is ready, and in good order that it ends. */
const database =
  "mkdir -p /data; sleep 0.3; httpd -p 5432 -h /data; trap 'echo closed; exit 0' TERM; echo ready to accept connections; while :; do sleep 0.1; done";

/** Names and contents of an archive. */
async function filesOf(tar: NodeJS.ReadableStream): Promise<readonly string[]> {
  const archive = extract();
  tar.pipe(archive);
  const files: string[] = [];
  for await (const entry of archive) files.push(entry.header.name, await text(entry));
  return files;
}

async function main(): Promise<unknown> {
  const network = await new Network().start();
  const server = await new GenericContainer("busybox")
    .withCommand(["sh", "-c", database])
    .withNetwork(network)
    .withNetworkAliases("database")
    .withExposedPorts(5432)
    .withEnvironment({ GREETING: "hello" })
    .withLabels({ "org.example.session": "one" })
    .withTmpFs({ "/scratch": "rw,size=1m" })
    .withCopyContentToContainer([{ content: "before the start\n", target: "/data/early", mode: 0o640 }])
    .withWaitStrategy(Wait.forAll([Wait.forLogMessage(/ready to accept/), Wait.forListeningPorts()]))
    .start();
  const address = `http://${server.getHost()}:${server.getMappedPort(5432)}`;
  const page = async (name: string) => (await fetch(`${address}/${name}`)).text();

  const commands = await server.exec(["sh", "-c", "echo $GREETING $A; pwd; echo wrong >&2; exit 3"], {
    workingDir: "/data",
    env: { A: "b" },
  });
  await server.copyContentToContainer([{ content: "afterwards\n", target: "/data/late" }]);
  const early = await page("early");
  const late = await page("late");
  const running = await filesOf(await server.copyArchiveFromContainer("/data/late"));

  const built = await (await GenericContainer.fromDockerfile(folder).withBuildArgs({ WORD: "built" }).build())
    .withNetwork(network)
    .withHealthCheck({ test: ["CMD-SHELL", "test -f /ready"], interval: 200, retries: 1000, timeout: 20_000 })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  const neighbour = await built.exec(["sh", "-c", "cat /word; wget -qO- http://database:5432/late"]);

  await server.restart({ timeout: 5_000 });
  const again = await (await fetch(`http://${server.getHost()}:${server.getMappedPort(5432)}/late`)).text();
  const log: string[] = [];
  const stream = await server.logs();
  stream.on("data", (line: string) => log.push(line.trim()));
  const ended = once(stream, "end");
  const stopped = await server.stop({ timeout: 5_000, remove: false });
  await ended;
  const afterEnd = await filesOf(await stopped.copyArchiveFromContainer("/data/early"));
  const oneShot = await new GenericContainer("busybox")
    .withCommand(["sh", "-c", "echo one-shot; exit 0"])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  const failure = await new GenericContainer("busybox")
    .withCommand(["sleep", "60"])
    .withStartupTimeout(700)
    .withWaitStrategy(Wait.forLogMessage("never said"))
    .start()
    .then(
      () => "started",
      (error: Error) => error.message,
    );
  await oneShot.stop();
  await built.stop();
  await network.stop();
  return { commands, early, late, running, afterEnd, neighbour, again, log, failure };
}

// The library does not keep the program alive for a log that it follows.
const alive = setInterval(() => undefined, 1000);
void main()
  .then(
    (seen) => console.log(JSON.stringify(seen)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  )
  .finally(() => clearInterval(alive));
