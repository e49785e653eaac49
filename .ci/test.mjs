// npm test [unit] [system] [vscode]: prepares what the suites need, runs them, ends with `N passed, N failed`.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { ensureNode24 } from "./node24.mjs";
import { ensureOrdinaryUser, ensurePackages } from "./packages.mjs";
import { buildProject, ensureModules } from "./project.mjs";
import { main, requireNode, root, run, Stop } from "./shell.mjs";
import { ensureVSCode } from "./vscode-server.mjs";

const isEditor = (file) => file.startsWith("test/vscode/");
const isSystem = (file) => file.endsWith(".system.test.ts");

const suites = {
  unit: { pick: (file) => !isEditor(file) && !isSystem(file), limitMinutes: 15 },
  system: { pick: (file) => !isEditor(file) && isSystem(file), limitMinutes: 40 },
  // Files in test/vscode/host run inside the extension host, started by test/vscode/host.test.ts.
  vscode: { pick: (file) => isEditor(file) && !file.startsWith("test/vscode/host/"), limitMinutes: 40 },
};

await main(async () => {
  process.chdir(root);
  requireNode();
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in suites));
  if (unknown !== undefined)
    throw new Stop(`No suite is called ${unknown}. There are: ${Object.keys(suites).join(", ")}.`);
  const chosen = names.length > 0 ? names : Object.keys(suites);
  try {
    await prepare(chosen);
  } catch (error) {
    // The last line says how it went in every case.
    console.error(error instanceof Stop ? error.message : error);
    console.log("0 passed, 1 failed");
    return 1;
  }
  const elsewhere = chosen.some((name) => name !== "unit") ? await runAtOpenPlace(names) : undefined;
  if (elsewhere !== undefined) return elsewhere;

  const total = { passes: 0, failures: 0, pending: 0 };
  const failed = [];
  for (const name of chosen) {
    const counts = await runSuite(name);
    for (const key of Object.keys(total)) total[key] += counts[key];
    failed.push(...counts.failed);
  }
  // Once more, all together: a suite's own list stands thousands of lines above.
  for (const { title, why } of failed) console.log(`\nfailed: ${title}\n${why}`);
  const skipped = total.pending > 0 ? `, ${total.pending} skipped` : "";
  console.log(`${total.passes} passed, ${total.failures} failed${skipped}`);
  return total.failures > 0 ? 1 : 0;
});

async function prepare(chosen) {
  await ensurePackages(chosen);
  await ensureModules();
  await buildProject();
  if (chosen.some((name) => name !== "unit")) {
    await ensureOrdinaryUser();
    await ensureNode24();
  }
  if (chosen.includes("vscode")) await ensureVSCode();
}

/**
 * Root's tests also run as an ordinary user, who cannot look into a clone below root's home. Then everything runs once more
 * from a place where the clone is mounted for all to see. Returns its exit code, or undefined when there is no need.
 */
async function runAtOpenPlace(names) {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return undefined;
  const asOther = ["--reuid=dev", "--regid=dev", "--clear-groups", "test", "-r", path.join(root, "package.json")];
  const { code: unreadable } = await run("setpriv", asOther, { check: false, cwd: "/" });
  if (unreadable === 0) return undefined;
  const place = mkdtempSync("/var/tmp/drydock-tests-");
  chmodSync(place, 0o755);
  try {
    const mount = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"';
    const again = [root, place, process.execPath, ".ci/test.mjs", ...names];
    const args = ["--mount", "--propagation", "slave", "sh", "-c", mount, "sh", ...again];
    return (await run("unshare", args, { check: false, stdio: "inherit" })).code;
  } finally {
    rmdirSync(place);
  }
}

/** A suite that breaks off, hangs, cannot be bundled or holds no test counts as a failure of its own. */
async function runSuite(name) {
  const { bundleTests, runMocha, testFiles } = await import("./mocha.mjs");
  const folder = `out/tests/${name}-${process.pid}`;
  const countsFile = path.resolve(folder, "counts.json");
  const failed = (why) => {
    return { passes: 0, failures: 1, pending: 0, failed: [{ title: `the suite ${name}`, why }] };
  };
  console.log(`\n── ${name} ──`);
  try {
    const files = testFiles(["test"], suites[name].pick);
    if (files.length === 0) return failed("has no test files");
    const bundles = await bundleTests(files, folder);
    mkdirSync(path.dirname(countsFile), { recursive: true });
    const code = await runMocha(bundles, ["--reporter", path.resolve(".ci/reporter.cjs")], {
      env: { ...process.env, DRYDOCK_TEST_COUNTS: countsFile },
      timeout: suites[name].limitMinutes * 60_000,
      killSignal: "SIGKILL",
    });
    if (!existsSync(countsFile)) return failed(`broke off (exit code ${code})`);
    const counts = JSON.parse(readFileSync(countsFile, "utf8"));
    if (counts.passes + counts.failures === 0) return failed("ran no test");
    if (code !== 0 && counts.failures === 0)
      return { ...counts, failures: 1, failed: [{ title: `the suite ${name}`, why: `ended with exit code ${code}` }] };
    return counts;
  } catch (error) {
    console.error(error);
    return failed("could not be run");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
