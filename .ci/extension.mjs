// The extension as VS Code finds it installed: a folder <publisher>.<name>-<version> with what the VSIX ships.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

/** The same as what .vscodeignore lets into the VSIX. */
const shipped =
  /^(package\.json|package\.nls(\.[a-z-]+)?\.json|(dist|syntaxes|l10n|media)(\/.*)?|client(\/walkthrough(\/.*)?)?|examples(\/first-dockerfile(\/.*)?)?|README\.md|LICENSE|CHANGELOG\.md)$/;

/** Copies rather than links: VS Code does not look into linked folders. Returns the installed folder. */
export function installExtension(source, extensionsDir) {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(source, "package.json"), "utf8"));
  const target = path.join(extensionsDir, `${publisher}.${name}-${version}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(source, target, {
    recursive: true,
    filter: (file) => {
      const relative = path.relative(source, file).split(path.sep).join("/");
      return relative === "" || shipped.test(relative);
    },
  });
  if (!existsSync(path.join(target, "dist"))) throw new Error(`${source} is not built: run npm run build`);
  return target;
}

/** Settings for a quiet window: nothing that covers the editor or calls home. */
export const quietSettings = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "security.workspace.trust.enabled": false,
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "git.openRepositoryInParentFolders": "never",
  "extensions.ignoreRecommendations": true,
};
