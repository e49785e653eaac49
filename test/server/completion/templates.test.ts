import assert from "node:assert/strict";
import { parse } from "../../../engine/analysis.ts";
import { knownImages } from "../../../server/features/data/bases.ts";
import { templates } from "../../../server/features/data/templates.ts";
import { endOfLife } from "../../../server/lint/end-of-life.ts";
import { defaultLintConfig } from "../../../server/lint/finding.ts";
import { splitImageName } from "../../../server/lint/image-names.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import { labels, taken } from "../../support/complete.ts";
import { memoryProject } from "../../support/memory-project.ts";

const ignore =
  "node_modules\n.git\n.env\ndist\nbuild\ntarget\nbin\nobj\nvendor\n.venv\n**/*.log\nDockerfile\n.dockerignore\n";
const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "node-npm": {
    "package.json": '{"scripts":{"build":"tsc","start":"node dist/main.js"},"devDependencies":{"typescript":"5"}}',
    "package-lock.json": "{}",
    "src/main.ts": "",
  },
  "node-yarn": { "package.json": "{}", "yarn.lock": "", "server.js": "" },
  "node-pnpm": { "package.json": '{"scripts":{"build":"vite build"}}', "pnpm-lock.yaml": "", "index.js": "" },
  "python-uv": { "pyproject.toml": "", "uv.lock": "", "main.py": "app = FastAPI()" },
  "python-poetry": { "pyproject.toml": "[tool.poetry]\n", "poetry.lock": "", "app.py": "" },
  "python-pip": { "requirements.txt": "flask==3", "manage.py": "" },
  go: { "go.mod": "", "go.sum": "", "main.go": "" },
  rust: { "Cargo.toml": '[package]\nname = "shop"\n', "Cargo.lock": "", "src/main.rs": "" },
  "java-maven": { "pom.xml": "", "src/main/java/A.java": "" },
  "java-gradle": { "build.gradle.kts": "", "settings.gradle.kts": "", "src/main/java/A.java": "" },
  dotnet: { "Shop.csproj": "", "Program.cs": "" },
  php: { "composer.json": "{}", "composer.lock": "{}", "index.php": "" },
  ruby: { Gemfile: "", "Gemfile.lock": "", "config.ru": "" },
  static: { "index.html": "" },
};

describe("whole Dockerfiles", () => {
  before(() => prepareLint());

  it("are there for each kind of project, and only where they fit", () => {
    assert.deepEqual(Object.keys(projects).sort(), templates.map(({ id }) => id).sort());
    for (const [id, files] of Object.entries(projects)) {
      const fitting = templates
        .filter((template) => template.fits(memoryProject(files)))
        .map((template) => template.id);
      assert.deepEqual(fitting, [id]);
    }
  });

  for (const preset of ["recommended", "learner"] as const) {
    it(`have nothing that our linter complains of (${preset})`, () => {
      for (const template of templates) {
        const project = memoryProject({ ...projects[template.id], ".dockerignore": ignore });
        const text = `# syntax=docker/dockerfile:1\n${template.text(project)}`;
        const findings = lintText(text, { project, config: { ...defaultLintConfig, preset } });
        assert.deepEqual(
          findings.map(
            ({ rule, range }) => `${template.id}:${range.start.line + 1} ${rule} ${text.split("\n")[range.start.line]}`,
          ),
          [],
        );
      }
    });
  }

  it("keep what they fetch out of the image, end as a user without rights, and parse where nothing is known", () => {
    for (const template of templates) {
      const { problems, stages } = parse(template.text(memoryProject(undefined)));
      assert.deepEqual([template.id, problems], [template.id, []]);
      const users = stages.at(-1)?.instructions.filter(({ keyword }) => keyword === "USER");
      assert.equal(users?.length, 1, template.id);
      assert.notEqual(users?.[0]?.rest.text, "root");
    }
  });

  it("use images that still get updates", () => {
    for (const [name, { tag }] of Object.entries(knownImages))
      assert.equal(endOfLife(splitImageName(`${name}:${tag}`)), undefined);
  });

  it("come first in an empty file whose project is known, and behind FROM in others", () => {
    assert.deepEqual(labels("<|>", { files: { "go.mod": "" } }).slice(0, 2), ["Dockerfile: Go", "FROM"]);
    assert.equal(labels("<|>")[0], "FROM");
    assert.ok(labels("# a comment\nARG A=1\n<|>").includes("Dockerfile: Go"));
    assert.ok(!labels("FROM a\n<|>").includes("Dockerfile: Go"));
    assert.match(taken("<|>", "Dockerfile: Go"), /^# syntax=docker\/dockerfile:1\nFROM golang:\d/);
    assert.match(taken("# mine\nFR<|>", "Dockerfile: Go"), /^# mine\nFROM golang:\d/);
  });
});
