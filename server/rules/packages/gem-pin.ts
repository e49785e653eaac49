import { type PackageTool, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const gem: PackageTool = {
  programs: ["gem"],
  valued: [
    ...["-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-P", "--trust-policy", "--platform", "-p"],
    ...[
      "--http-proxy",
      "-g",
      "--file",
      "--build-root",
      "--target-rbconfig",
      "--without",
      "--document",
      "-v",
      "--version",
    ],
  ],
};

export default defineRule({
  id: "packages/gem-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("gem"),
  why: pinWhy("gem install bundler:2.7.2"),
  sameAs: ["hadolint:DL3028"],
  fix: "none",
  keywords: ["RUN"],
  sees: ["gem"],
  examples: [
    { bad: "FROM ruby\nRUN gem install --no-document bundler rake:13.3\n#                             ^^^^^^^\n" },
    { bad: "FROM ruby\nRUN gem update --system && \\\n    sudo gem i \\\n    rails -- --with-xml\n#   ^^^^^\n" },
    {
      bad: 'FROM ruby\nONBUILD RUN ["gem", "install", "rails"]\n#                              ^^^^^^^\nRUN <<EOF\ngem install rails\n#           ^^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM ruby\nRUN gem install bundler:2.7.2 && gem install bundler -v 2.7.2 && gem install rails --version '~> 8'\n",
    "FROM ruby\nRUN gem install -s https://a.org nokogiri:1.18 -- --use-system-libraries && gem install ./a.gem\n",
    "FROM ruby\nRUN gem install bundler:$BUNDLER_VERSION && gem update --system && bundle install\n",
  ],
  instruction(view) {
    const calls = packageCalls(view.commands("gem"), gem, ["install", "i"]);
    const free = calls.filter(({ flags }) => !flags.some(({ name }) => name === "-v" || name === "--version"));
    // What follows `--` is for the compiler.
    const named = free.map((call) => {
      const end = call.command.args.find(({ text }) => text === "--")?.start ?? Number.POSITIVE_INFINITY;
      return { ...call, operands: call.operands.filter(({ start }) => start < end) };
    });
    return unpinned(named, (word) => word.includes(":") || word.endsWith(".gem"));
  },
});
