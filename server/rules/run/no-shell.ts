// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables

import { msg } from "../../../engine/base/message.ts";
import { asList } from "../../lint/exec-form.ts";
import { rootBase } from "../../lint/known-bases.ts";
import { defineRule } from "../../lint/rule.ts";
import { asksMissingShell, seenForShell } from "../../lint/shell-missing.ts";
import { commandRange } from "../../lint/start-command.ts";

export default defineRule({
  id: "run/no-shell",
  severity: "error",
  summary: msg("The image has no shell: what is not written as a JSON list cannot start"),
  why: msg(
    "A line without brackets is given to /bin/sh, which scratch and distroless images do not have. A JSON list starts its program directly.",
  ),
  learn: msg(
    "scratch is empty, and a distroless image holds what a program needs to run and nothing else: no sh, mkdir or package manager. Prepare files and users in an earlier stage, and COPY --from= them.",
  ),
  sameAs: [],
  note: msg(
    "Said only where it is plain: not below ADD, SHELL, a RUN that starts a program directly or mounts files, or a COPY to /, /bin, /lib or /usr. CMD, ENTRYPOINT and HEALTHCHECK are warnings.",
  ),
  fix: "suggestion",
  sees: seenForShell,
  examples: [
    { bad: "FROM scratch\nCOPY --from=build /app /app\nRUN chmod +x /app\n#   ^^^^^^^^^^^^^\n" },
    {
      bad: "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY server /usr/local/bin/server\nCMD server --port 80\n#   ^^^^^^^^^^^^^^^^\n",
      good: 'FROM gcr.io/distroless/static-debian12:nonroot\nCOPY server /usr/local/bin/server\nCMD ["server", "--port", "80"]\n',
    },
    {
      bad: "FROM scratch AS base\nWORKDIR /app\nFROM base\nCOPY server .\nENTRYPOINT exec ./server\n#          ^^^^^^^^^^^^^\nCMD --help\n",
    },
    {
      bad: "FROM gcr.io/distroless/nodejs22\nENTRYPOINT []\nCMD /app/server $PORT\n#   ^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: 'FROM scratch\nCOPY server /server\nHEALTHCHECK --interval=5s CMD /server --check\n#                             ^^^^^^^^^^^^^^^\nENTRYPOINT ["/server"]\n',
      good: 'FROM scratch\nCOPY server /server\nHEALTHCHECK --interval=5s CMD ["/server", "--check"]\nENTRYPOINT ["/server"]\n',
    },
    {
      bad: "FROM scratch\nRUN --mount=type=secret,id=a a && b\n#                            ^^^^^^\nRUN <<EOF cat\n#   ^^^^^^^^^\na\nEOF\n",
    },
  ],
  fine: [
    'FROM scratch\nCOPY --from=build /server /server\nRUN ["/server", "--init"]\nENTRYPOINT ["/server"]\nCMD a b\n',
    // Of curl and wget image/healthcheck-tool says that they are not there.
    'FROM scratch\nCOPY a /a\nHEALTHCHECK CMD curl localhost\nFROM scratch\nHEALTHCHECK NONE\nFROM scratch\nHEALTHCHECK CMD ["/a"]\n',
    // A shell may be among the files.
    "FROM scratch\nADD rootfs.tar.xz /\nRUN a\nCMD sh\n",
    "FROM scratch\nCOPY --from=build /out /\nRUN a\nCMD a\n",
    "FROM scratch\nCOPY --from=build /out .\nRUN a\nFROM scratch\nCOPY rootfs/bin/ /bin/\nRUN a\n",
    "FROM scratch\nCOPY a $TO\nRUN a\nFROM scratch\nCOPY --from=busybox /bin /usr/bin\nRUN a\n",
    "FROM scratch AS base\nADD rootfs.tar /\nFROM base\nRUN a\nCMD a\n",
    'FROM scratch\nCOPY --from=busybox /bin/busybox /b/sh\nSHELL ["/b/sh", "-c"]\nRUN a\nCMD a\n',
    "FROM scratch\nRUN --mount=from=busybox,source=/bin,target=/bin mkdir /a\nRUN a\n",
    "FROM scratch\nRUN <<EOF\n#!/app/run\na\nEOF\n",
    'FROM scratch\nENTRYPOINT a\nENTRYPOINT ["/a"]\nONBUILD RUN a\n',
    "FROM gcr.io/distroless/base:debug\nRUN a\nFROM gcr.io/distroless/python3\nRUN a\nFROM gcr.io/distroless/cc@sha256:00\nRUN a\n",
    "ARG BASE=scratch\nFROM $BASE\nRUN a\nFROM node\nRUN a\nCMD a\n",
    "FROM --platform=windows/amd64 scratch\nRUN a\nCMD a\n",
    "# escape=`\nFROM scratch\nCMD C:\\app.exe\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN dir\n",
  ],
  *stage(view) {
    const image = rootBase(view).text;
    for (const one of asksMissingShell(view)) {
      const { keyword, instruction } = one;
      const range = commandRange(instruction);
      if (keyword === "RUN") {
        const message = msg(
          "{image} has no /bin/sh, so that this step fails: do it in an earlier stage and COPY the result, or write a JSON list",
          { image },
        );
        yield { range, message };
        continue;
      }
      const isCheck = keyword === "HEALTHCHECK";
      if (isCheck && ["curl", "wget"].some((tool) => one.commands(tool).length > 0)) continue;
      const fix = asList(one);
      const message = isCheck
        ? msg("{image} has no /bin/sh, so that this check always fails: write it as a JSON list", { image })
        : msg("{image} has no /bin/sh, so that the container cannot start: write it as a JSON list", { image });
      yield { range, message, severity: "warning", ...(fix && { fix }) };
    }
  },
});
