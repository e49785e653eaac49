import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly icon?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly submenus?: readonly { readonly id: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
  };
}

const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const sources = new Map(["client", "server"].flatMap(sourcesBelow));
const clientText = [...sources].flatMap(([file, text]) => (file.startsWith("client") ? [text] : [])).join("\n");
const titles = {
  en: JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>,
  ko: JSON.parse(readFileSync("package.nls.ko.json", "utf8")) as Record<string, string>,
};
const menuItems = Object.values(contributes.menus).flat();
const commandIds = contributes.commands.map(({ command }) => command);
/** What rows of views say that they are: string literals like `container.running`. */
const kinds = [...sources]
  .filter(([file]) => /^client.(?:views|files)./.test(file))
  .flatMap(([, text]) => [...text.matchAll(/["`]([a-z]+(?:\.[a-zA-Z]+)+)["`]/g)].map(([, kind = ""]) => kind));

describe("package.json", () => {
  it("has a title in English and Korean for each command", () => {
    for (const { command, title } of contributes.commands) {
      const key = /^%(.+)%$/.exec(title)?.[1] ?? "";
      assert.ok(titles.en[key], `${command}: ${title}`);
      assert.ok(titles.ko[key], `${command}: ${title}`);
      assert.match(titles.ko[key] ?? "", /[가-힣]/, `${command} has no Korean title`);
    }
  });

  it("names no command that nobody registers", () => {
    // Each view has these under its own name (views/tree.ts).
    const ofView = (id: string) => /^(.+)\.(refresh|filter|clearFilter|groupBy|sortBy)$/.exec(id)?.[1];
    const lost = commandIds.filter((id) => !clientText.includes(`"${id}"`) && !clientText.includes(`"${ofView(id)}"`));
    assert.deepEqual(lost, []);
  });

  it("has no word that it does not use", () => {
    const text = readFileSync("package.json", "utf8");
    assert.deepEqual(
      Object.keys(titles.en).filter((key) => !text.includes(`"%${key}%"`)),
      [],
    );
  });

  it("puts only commands and submenus into menus that there are", () => {
    const submenus = (contributes.submenus ?? []).map(({ id }) => id);
    const unknown = menuItems.filter(({ command, submenu }) =>
      command !== undefined ? !commandIds.includes(command) : !submenus.includes(submenu ?? ""),
    );
    assert.deepEqual(unknown, []);
  });

  it("gives an icon to each command that stands as a button in a title or a row", () => {
    const buttons = [...(contributes.menus["view/title"] ?? []), ...(contributes.menus["view/item/context"] ?? [])]
      .filter((item) => /^(navigation|inline)/.test((item as { group?: string }).group ?? ""))
      .flatMap(({ command }) => (command === undefined ? [] : [command]));
    const bare = contributes.commands.filter(({ command, icon }) => buttons.includes(command) && icon === undefined);
    assert.deepEqual(bare, []);
  });

  it("says for each button of a row or a view which rows or which view", () => {
    const places = ["view/title", "view/item/context"].flatMap((place) => contributes.menus[place] ?? []);
    assert.deepEqual(
      places.filter(({ when = "" }) => !/\bview(Item)? (==|=~) /.test(when)),
      [],
    );
  });

  it("has when-clauses that can be true: views that there are, rows that there are", () => {
    const views = Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id));
    for (const { when = "" } of menuItems) {
      for (const [, view = ""] of when.matchAll(/\bview == ([\w.]+)/g)) assert.ok(views.includes(view), when);
      for (const [, kind = ""] of when.matchAll(/\bviewItem == ([\w.]+)/g)) assert.ok(kinds.includes(kind), when);
      for (const [, pattern = ""] of when.matchAll(/\bviewItem =~ \/((?:[^/\\]|\\.)+)\//g)) {
        assert.ok(
          kinds.some((kind) => new RegExp(pattern).test(kind)),
          when,
        );
      }
    }
  });

  it("has when-clauses that VS Code can read", () => {
    const clause = /^!?[\w.:-]+(?: (?:==|!=|=~|<|>|<=|>=|in|not in) (?:\/(?:[^/\\]|\\.)+\/i?|'[^']*'|[\w.:/-]+))?$/;
    for (const { when } of menuItems) {
      if (when === undefined) continue;
      const parts = when.split(/ (?:&&|\|\|) /).map((part) => part.replace(/^[(!]+(?=[\w(])|\)+$/g, ""));
      for (const part of parts) assert.match(part, clause, when);
    }
  });

  it("has no setting that nobody reads", () => {
    const unread = Object.keys(contributes.configuration.properties).filter((key) => {
      const [, ...segments] = key.split(".");
      return ![...sources.values()].some(
        (text) => text.includes(`"${key}"`) || segments.every((segment) => new RegExp(`\\b${segment}\\b`).test(text)),
      );
    });
    assert.deepEqual(unread, []);
  });

  it("shows nothing in the palette of a browser that needs an engine there", () => {
    const palette = new Map((contributes.menus.commandPalette ?? []).map(({ command, when = "" }) => [command, when]));
    const open = commandIds.filter((id) => !/\bfalse\b|!isWeb \|\| remoteName/.test(palette.get(id) ?? ""));
    assert.deepEqual(
      open.filter((id) => !webCommands.has(id)),
      [],
    );
  });
});

/** Commands that client/web.ts registers as well. */
const webCommands = new Set(
  [...readFileSync("client/web.ts", "utf8").matchAll(/registerCommand\("([\w.]+)"/g)].map(([, id]) => id),
);

function sourcesBelow(folder: string): (readonly [string, string])[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [file, readFileSync(file, "utf8")] as const;
    });
}
