import type { Command } from "../shell/model.ts";
import type { ProjectView } from "./views.ts";

/** What a package.json says, as far as rules ask. */
export interface NodeManifest {
  readonly scripts: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

/** The context's package.json; undefined when there is none, or nothing that can be read. */
export function readManifest(project: ProjectView): NodeManifest | undefined {
  if (!known.has(project)) known.set(project, read(project));
  return known.get(project);
}

/** By a project's view, which is another one once a file has changed that was asked for. */
const known = new WeakMap<ProjectView, NodeManifest | undefined>();

function read(project: ProjectView): NodeManifest | undefined {
  const text = project.text("package.json");
  if (text === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    const part = (name: string) => Object.entries(objectOf(objectOf(json)[name]));
    const scripts = part("scripts").flatMap(([name, value]): [string, string][] =>
      typeof value === "string" ? [[name, value]] : [],
    );
    const names = (name: string) => new Set(part(name).map(([one]) => one));
    return {
      scripts: new Map(scripts),
      dependencies: names("dependencies"),
      devDependencies: names("devDependencies"),
    };
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** `yarn@4.10.3`, as package.json names what it is installed with. */
export function packageManagerOf(project: ProjectView): string | undefined {
  return /"packageManager"\s*:\s*"([a-z]+@[^"+\s]+)/.exec(project.text("package.json") ?? "")?.[1];
}

/** Yarn 2 and later ones: another program than Yarn 1, with the same name. */
export function isLaterYarn(project: ProjectView): boolean {
  const said = /^yarn@(\d+)/.exec(packageManagerOf(project) ?? "")?.[1];
  if (said !== undefined) return Number(said) >= 2;
  return project.exists(".yarnrc.yml") === true || /^__metadata:/m.test(project.text("yarn.lock") ?? "");
}

/** Program to the package that brings it, for tools that nobody needs at run time. */
const builders: Readonly<Record<string, string>> = {
  tsc: "typescript",
  "vue-tsc": "vue-tsc",
  vite: "vite",
  webpack: "webpack-cli",
  rollup: "rollup",
  esbuild: "esbuild",
  parcel: "parcel",
  tsup: "tsup",
  swc: "@swc/cli",
  babel: "@babel/cli",
  ng: "@angular/cli",
  nest: "@nestjs/cli",
  "vue-cli-service": "@vue/cli-service",
  "react-scripts": "react-scripts",
  gulp: "gulp",
  grunt: "grunt-cli",
  tailwindcss: "tailwindcss",
  turbo: "turbo",
  nx: "nx",
};

/**
 * The package that a command builds with and that is a development dependency. Without a package.json only commands that name
 * the tool itself are taken for it.
 */
export function buildToolOf({ name, args }: Command, manifest: NodeManifest | undefined): string | undefined {
  const words = args.map(({ text }) => text).filter((text) => !text.startsWith("-"));
  const program = name === "npx" || name === "pnpx" ? words[0] : name;
  if (/^(?:npm|pnpm|yarn)$/.test(name)) {
    const isRun = words[0] === "run" || words[0] === "run-script";
    const script = isRun ? words[1] : name === "npm" ? undefined : words[0];
    const text = script === undefined ? undefined : manifest?.scripts.get(script);
    const programs = text?.split(/&&|\|\||;/).map((part) => part.trim().split(/\s+/)[0] ?? "") ?? [];
    return programs.map((one) => missing(one, manifest)).find((one) => one !== undefined);
  }
  return program === undefined ? undefined : missing(program, manifest);
}

function missing(program: string, manifest: NodeManifest | undefined): string | undefined {
  const brought = Object.hasOwn(builders, program) ? builders[program] : undefined;
  if (!manifest) return brought;
  const candidates = brought === undefined ? [program] : [brought, program];
  const development = candidates.find((one) => manifest.devDependencies.has(one));
  return candidates.some((one) => manifest.dependencies.has(one)) ? undefined : development;
}
