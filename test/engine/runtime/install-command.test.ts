import assert from "node:assert/strict";
import { installCommand } from "../../../engine/runtime/install-command.ts";

describe("install commands", () => {
  it("are those of the distribution", () => {
    const cases = [
      ["ID=ubuntu\nID_LIKE=debian\n", "sudo apt install uidmap"],
      ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install shadow-utils"],
      ["ID=alpine\n", "sudo apk add shadow-uidmap"],
      ["ID=manjaro\nID_LIKE=arch\n", "sudo pacman -S shadow"],
      ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install shadow"],
      ["", "sudo apt install uidmap"],
    ] as const;
    for (const [release, command] of cases) assert.equal(installCommand(["newuidmap"], release), command);
    assert.equal(installCommand(["cp", "env", "unshare"], "ID=debian"), "sudo apt install coreutils util-linux");
  });
});
