import assert from "node:assert/strict";
import { lintText, prepareLint } from "../../../../server/lint/lint.ts";

describe("the last USER", () => {
  before(() => prepareLint());

  it("is not called root on Windows, which has none", () => {
    const said = (user: string) =>
      lintText(`FROM mcr.microsoft.com/windows/servercore:ltsc2022\nUSER ${user}\n`)
        .filter(({ rule }) => rule === "image/last-user-root")
        .map(({ message }) => message.template);
    assert.match(said('"ContainerAdministrator"').join(), /administrator: the last USER is ContainerAdministrator$/);
    assert.match(said("root").join(), /the last USER is root$/);
  });
});
