// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import { type Case, from } from "../case.ts";

const scratch = from("scratch");
const busybox = from("busybox");

export const run: readonly Case[] = [
  busybox("a command", "RUN echo hi > /out"),
  busybox("a command in JSON", 'RUN ["/bin/sh", "-c", "echo \\"$0\\" > /out", "zero"]'),
  busybox("a command in JSON has no shell", 'RUN ["touch", "/$HOME"]'),
  busybox("a command that does nothing", "RUN true"),
  busybox("a command that fails", "RUN false"),
  busybox("a command that is not there", 'RUN ["/nothing"]'),
  busybox("a command over lines", "RUN echo a \\\n  b \\\n# no\n\n  c > /out"),
  busybox("a command with a backslash in it", "RUN printf 'a\\nb\\\\n' > /out"),
  busybox("variables are the shell's", "ENV A=1\nRUN B=2; echo $A $B ${C:-3} > /out"),
  busybox("single quotes are the shell's", "RUN echo '$A' \"it's\" > /out"),
  busybox(
    "files, folders, links, modes",
    "RUN mkdir -p /x/y && echo a > /x/a && chmod 4711 /x/a && ln -s a /x/l && ln /x/a /x/h && chmod 1777 /x/y",
  ),
  busybox("owners", "RUN mkdir /x && touch /x/a && chown -R 7:8 /x"),
  busybox("a pipe", "RUN mkfifo -m 600 /pipe"),
  busybox("a file removed", "RUN rm /etc/os-release"),
  busybox("a folder removed", "RUN rm -r /usr/local"),
  busybox("a folder removed and made again", "RUN rm -r /usr/local && mkdir /usr/local && touch /usr/local/x"),
  busybox("a folder replaced by a file", "RUN rm -r /usr/local && echo f > /usr/local"),
  busybox("a file replaced by a folder", "RUN rm /etc/os-release && mkdir /etc/os-release"),
  busybox("a folder replaced by a link", "RUN mv /usr/local /usr/moved && ln -s moved /usr/local"),
  busybox("a folder renamed", "COPY d /d\nRUN mv /d /e"),
  busybox("a mode changed", "COPY f /f\nRUN chmod 600 /f"),
  busybox("an owner changed", "COPY d /d\nRUN chown -R 7 /d"),
  busybox("a file removed that came before", "COPY d /d\nRUN rm /d/a\nCOPY e /d"),
  busybox("a file appended to", "COPY f /f\nRUN echo more >> /f"),
  busybox("a hard link to a file below", "COPY f /f\nRUN ln /f /g"),
  busybox("in a fresh /tmp", "RUN touch /tmp/x\nRUN ls /tmp > /out"),
  busybox("the mask of new files", "RUN umask > /out; mkdir /m"),
  busybox("what is mounted is not in the image", "RUN ls /proc /sys /dev > /dev/null; ls /etc > /out"),
  busybox("without network", "RUN --network=none echo a > /out"),
  busybox("a network that is none", "RUN --network=nope true"),
  busybox("an unknown flag", "RUN --nope true"),
  scratch("nothing to run with", "RUN echo"),
  busybox(
    "environment of a command",
    "RUN env | grep -v -e ^SHLVL -e ^HOSTNAME -e ^OLDPWD -e ^container | sort > /out",
  ),
  busybox("a command of a user's", "USER node\nRUN touch /home/node/mine"),
  busybox("names that are hard to write", "RUN touch '/a b' '/ü' '/back\\slash' /-dash \"$(printf '/new\\\\nline')\""),
  busybox("extra hosts", "RUN grep example /etc/hosts > /out", { options: { addHosts: ["one.example:10.1.2.3"] } }),
];

export const mounts: readonly Case[] = [
  busybox("a context", "RUN --mount=target=/m cat /m/f /m/d/a > /out"),
  busybox(
    "a folder of the context",
    "RUN --mount=type=bind,source=d,target=/m ls -l /m | awk '{print $1, $NF}' > /out",
  ),
  busybox("a file of the context", "RUN --mount=source=f,target=/m cat /m > /out"),
  busybox("a mount cannot be written", "RUN --mount=target=/m touch /m/x"),
  busybox("what is written to a mount is thrown away", "RUN --mount=target=/m,rw touch /m/x && ls /m/x > /out"),
  busybox("a relative place", "WORKDIR /w\nRUN --mount=source=f,target=m cat /w/m > /out"),
  {
    name: "a stage",
    dockerfile:
      "FROM scratch AS other\nCOPY d /d\nFROM busybox\nRUN --mount=from=other,source=/d,target=/m cat /m/sub/c > /out\n",
  },
  busybox("an image", "RUN --mount=from=odd,source=/etc,target=/m cat /m/os-release > /out"),
  busybox("no root as place", "RUN --mount=target=/ true"),
  busybox("a kind that is none", "RUN --mount=type=nope,target=/m true"),
  busybox("a source that is not there", "RUN --mount=source=nothing,target=/m true"),
  busybox("memory", "RUN --mount=type=tmpfs,target=/m touch /m/x && ls /m > /out"),
  busybox("memory over a folder with files", "COPY d /d\nRUN --mount=type=tmpfs,target=/d ls -A /d > /out"),
  busybox(
    "a cache",
    "RUN --mount=type=cache,target=/m ls -A /m > /out; touch /m/x\nRUN --mount=type=cache,target=/m ls /m > /out2",
  ),
  busybox(
    "a cache with an id, mode and owner",
    "RUN --mount=type=cache,id=k1,target=/m,mode=0700,uid=7,gid=8 stat -c '%a %u:%g' /m > /out",
  ),
  busybox("a cache that cannot be written", "RUN --mount=type=cache,target=/ro,ro touch /ro/x"),
  busybox(
    "a secret",
    "RUN --mount=type=secret,id=s cat /run/secrets/s > /out && stat -c '%a %u:%g' /run/secrets/s >> /out",
    {
      options: { secrets: { s: "secret words" } },
    },
  ),
  busybox(
    "a secret at a place",
    "RUN --mount=type=secret,id=s,target=/etc/s,mode=0440,uid=7,gid=8 stat -c '%a %u:%g' /etc/s > /out",
    {
      options: { secrets: { s: "secret words" } },
    },
  ),
  busybox("a secret that is not there", "RUN --mount=type=secret,id=s ls -A /run/secrets > /out 2>&1; true"),
  busybox("a secret that is not there, and needed", "RUN --mount=type=secret,id=s,required true"),
  busybox("a secret as a variable", "RUN --mount=type=secret,id=s,env=S echo $S > /out", {
    options: { secrets: { s: "words" } },
  }),
  busybox("two mounts", "RUN --mount=source=f,target=/m1 --mount=source=g,target=/m2 cat /m1 /m2 > /out"),
  busybox("a mount at a place with variables", "ARG P=/place\nRUN --mount=source=f,target=$P cat /place > /out"),
];
