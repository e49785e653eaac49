import assert from "node:assert/strict";
import { parse } from "../../../engine/analysis.ts";
import { knownImages } from "../../../server/features/data/bases.ts";
import { templates } from "../../../server/features/data/templates.ts";
import { ignoreText } from "../../../server/features/proposals.ts";
import { endOfLife } from "../../../server/lint/end-of-life.ts";
import { defaultLintConfig } from "../../../server/lint/finding.ts";
import { splitImageName } from "../../../server/lint/image-names.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import { labels, taken } from "../../support/complete.ts";
import { memoryProject } from "../../support/memory-project.ts";
import { templateProjects } from "../../support/template-projects.ts";

/** One project of each kind. */
const projects = Object.fromEntries(Object.entries(templateProjects).filter(([name]) => !name.includes("/")));

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
        const project = memoryProject({
          ...projects[template.id],
          ".dockerignore": ignoreText(template, memoryProject(projects[template.id])),
        });
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

  it("install with the package manager that they are for, also before there is a lock file", () => {
    const manifest = '{"scripts":{"build":"x"},"dependencies":{"ms":"2"}}';
    for (const files of [{ "server.js": "" }, {}]) {
      const project = memoryProject({ "package.json": manifest, ...files });
      for (const [id, others] of [
        ["node-npm", /\b(?:yarn|pnpm|npm ci)\b/],
        ["node-yarn", /\bp?npm\b|frozen/],
        ["node-pnpm", /\b(?:npm|yarn)\b|frozen/],
      ] as const) {
        const text = templates.find((one) => one.id === id)?.text(project) ?? "";
        assert.match(text, /install/);
        assert.doesNotMatch(text, others);
      }
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
