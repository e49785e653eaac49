import assert from "node:assert/strict";
import { parse } from "../../engine/analysis.ts";
import { formatMessage } from "../../engine/base/message.ts";
import { proposals } from "../../server/features/proposals.ts";
import { defaultLintConfig } from "../../server/lint/finding.ts";
import { lintText, prepareLint } from "../../server/lint/lint.ts";
import { memoryProject } from "../support/memory-project.ts";
import { templateProjects } from "../support/template-projects.ts";

const proposed = (name: string) => {
  const [first] = proposals(memoryProject(templateProjects[name]), formatMessage).fitting;
  assert.ok(first, name);
  return first;
};
const lines = (name: string, pattern: RegExp) =>
  proposed(name)
    .dockerfile.split("\n")
    .filter((line) => pattern.test(line));

describe("a Dockerfile and a .dockerignore for a project", () => {
  before(() => prepareLint());

  for (const [name, files] of Object.entries(templateProjects)) {
    it(`are clean for ${name}`, () => {
      const { id, dockerfile, dockerignore } = proposed(name);
      assert.equal(id, name.split("/")[0]);
      const project = memoryProject({ ...files, Dockerfile: dockerfile, ".dockerignore": dockerignore });
      const config = { ...defaultLintConfig, preset: "recommended" as const };
      const findings = lintText(dockerfile, { project, config });
      assert.deepEqual(
        findings.map(({ rule, range }) => `${rule} ${dockerfile.split("\n")[range.start.line]}`),
        [],
      );
      assert.deepEqual(parse(dockerfile).problems, []);
    });
  }

  it("start what the project starts, without a package manager in between", () => {
    const command = (name: string) => lines(name, /^(?:CMD|ENTRYPOINT)/)[0];
    assert.equal(command("node-npm"), 'CMD ["node", "dist/main.js"]');
    assert.equal(command("node-npm/front and server"), 'CMD ["node", "server.js", "--quiet"]');
    assert.equal(command("node-npm/next"), 'CMD ["node_modules/.bin/next", "start"]');
    assert.equal(command("node-npm/site"), undefined);
    assert.equal(command("python-pip/flask"), 'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:shop"]');
    assert.equal(command("python-pip/django"), 'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "shop.wsgi:application"]');
    assert.match(command("python-pip/asgi in a package") ?? "", /"uvicorn", "app.main:api"/);
    assert.equal(command("python-pip/script"), 'CMD ["python", "main.py"]');
    assert.match(command("python-pyproject") ?? "", /"flask", "--app", "app"/);
    assert.match(command("dotnet/console") ?? "", /"Tool.dll"/);
  });

  it("install for all packages of a project, and start the one that says how", () => {
    const npm = proposed("node-npm/workspaces").dockerfile;
    assert.match(
      npm,
      /\nCOPY packages\/api\/package.json packages\/api\/\nCOPY packages\/lib\/package.json packages\/lib\/\nRUN/,
    );
    assert.match(
      npm,
      /npm ci --omit=dev\nCOPY \. \.\n[\s\S]*COPY --from=deps \/app \.\/\nWORKDIR \/app\/packages\/api\n/,
    );
    assert.match(npm, /EXPOSE 4400\nCMD \["node", "src\/main\.js"\]\n$/);
    const pnpm = proposed("node-pnpm/workspaces").dockerfile;
    assert.match(
      pnpm,
      /pnpm-workspace\.yaml \.\/\nCOPY apps\/web\/package\.json apps\/web\/\nCOPY libs\/ui\/core\/package\.json/,
    );
    assert.match(pnpm, /pnpm --recursive --if-present run build && npm pkg delete scripts\.prepare && find/);
    assert.match(pnpm, /WORKDIR \/app\/apps\/web\n[\s\S]*CMD \["node_modules\/\.bin\/next", "start"\]/);
  });

  it("set up no hooks of git, and give an install the files that its scripts need", () => {
    assert.match(proposed("node-npm/hooks").dockerfile, /npm pkg delete scripts\.prepare && npm ci --omit=dev\n/);
    const own = proposed("node-npm/scripts of its own").dockerfile;
    assert.match(own, /WORKDIR \/app\nCOPY \. \.\nRUN --mount=\S+ \\\n {4}npm ci\nRUN npm prune --omit=dev\n/);
    assert.match(own, /COPY --from=build \/app \.\//);
  });

  it("install with the Yarn that the project has", () => {
    const text = (name: string) => proposed(`node-yarn/${name}`).dockerfile;
    for (const [name, pattern] of [
      ["later", /COPY package\.json yarn\.lock \.yarnrc\.yml \.\/\nCOPY \.yarn\/releases \.yarn\/releases\n/],
      ["later", /target=\/root\/\.yarn\/berry\/cache \\\n {4}corepack enable && yarn install --immutable\n/],
      ["later", /--immutable && yarn workspaces focus --all --production\n/],
      ["later", /COPY --from=deps \/app\/node_modules \.\/node_modules\n/],
      ["later, front and server", /berry\/cache \\\n {4}yarn run build && yarn workspaces focus --all --production\n/],
      ["plug and play", /ENV YARN_ENABLE_GLOBAL_CACHE=false\nWORKDIR \/app\n/],
      ["plug and play", /COPY --from=build \/app \.\//],
      [
        "plug and play",
        /"node", "--require", "\.\/\.pnp\.cjs", "--loader", "\.\/\.pnp\.loader\.mjs", "dist\/main\.js"\]/,
      ],
      ["plug and play, plain", /corepack prepare yarn@3 --activate && yarn install --immutable/],
      ["plug and play, plain", /yarn plugin import workspace-tools && yarn workspaces focus/],
      [
        "plug and play, plain",
        /COPY --from=deps \/app \.\/\n[\s\S]*EXPOSE 4000\nCMD \["node", "--require", "\.\/\.pnp\.cjs", "server\.js"\]/,
      ],
      ["plug and play, next", /ENV YARN_NODE_LINKER=node-modules\n/],
      ["plug and play, next", /CMD \["node_modules\/\.bin\/next", "start"\]/],
    ] as const) {
      assert.match(text(name), pattern);
      assert.doesNotMatch(text(name), /frozen|\/usr\/local\/share/);
    }
    assert.doesNotMatch(text("later"), /pnp/);
    assert.ok(proposed("node-yarn/plug and play").dockerignore.split("\n").includes(".pnp.*"));
    assert.match(proposed("node-pnpm/named").dockerfile, /corepack enable && pnpm install --prod\n/);
  });

  it("expose the port that the sources name, and none where nothing listens", () => {
    const ports = (name: string) => lines(name, /^EXPOSE/).map((line) => line.slice("EXPOSE ".length));
    assert.deepEqual(ports("node-npm/plain"), ["8123"]);
    assert.deepEqual(ports("node-npm/front and server"), ["4000"]);
    assert.deepEqual(ports("go"), ["9000"]);
    assert.deepEqual(ports("rust"), ["3100"]);
    for (const name of ["go/command", "python-pip/script", "dotnet/console"]) assert.deepEqual(ports(name), [], name);
  });

  it("take what was built, wherever the build puts it", () => {
    assert.deepEqual(lines("node-npm", /--from=build/), ["COPY --from=build /app/dist ./dist"]);
    assert.deepEqual(lines("node-npm/next", /--from=build/), ["COPY --from=build /app ./"]);
    assert.deepEqual(lines("node-npm/site", /--from=build/), ["COPY --from=build /app/dist/ /usr/share/nginx/html/"]);
    assert.deepEqual(lines("node-npm/plain", /--from=/), [], "nothing is installed for it");
    assert.match(proposed("go/command").dockerfile, /go build .* \.\/cmd\/tool\n/);
    assert.match(proposed("dotnet/console").dockerfile, /dotnet\/runtime:10\.0\n/);
  });

  it("leave out of the context what the image makes itself, and secrets", () => {
    const ignored = (name: string) => proposed(name).dockerignore.split("\n");
    assert.ok(ignored("node-npm").includes("dist"));
    assert.ok(!ignored("node-npm/plain").includes("dist"), "nothing else makes it");
    for (const name of Object.keys(templateProjects)) assert.ok(ignored(name).includes("**/.env*"));
  });

  it("offer every other kind where nothing is known", () => {
    const { fitting, others } = proposals(memoryProject({}), formatMessage);
    assert.deepEqual(fitting, []);
    assert.ok(others.length > 12);
  });
});
