// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import { type Case, from } from "../case.ts";

const scratch = from("scratch");
const busybox = from("busybox");

export const add: readonly Case[] = [
  scratch("a file", "ADD f /x"),
  scratch("a folder", "ADD d /x"),
  scratch("a file with modes into a new folder", "ADD exec suid /x/"),
  scratch("a tar", "ADD t.tar /x/"),
  scratch("a tar to the root", "ADD t.tar /"),
  scratch("a tar to a name without a slash", "ADD t.tar /x"),
  scratch("a tar with gzip", "ADD t.tar.gz /x"),
  scratch("a tar with bzip2", "ADD t.tar.bz2 /x"),
  scratch("a tar with xz", "ADD t.tar.xz /x"),
  scratch("a tar with zstd", "ADD t.tar.zst /x"),
  scratch("two tars by a star", "ADD t.tar.?z* /x/"),
  scratch("a link to a tar", "ADD lt.tar /x"),
  scratch("a tar in a folder stays as it is", "ADD tars/note tars /x/"),
  scratch("a file that is called tar", "ADD text.tar /x"),
  scratch("an empty file that is called tar", "ADD empty.tar /x"),
  scratch("a tar and a file", "ADD t.tar f /x/"),
  scratch("a tar over files", "COPY f /x/in/file\nADD t.tar /x"),
  scratch("a tar into a relative folder", "WORKDIR /w\nADD t.tar a/b"),
  busybox("a tar with owner by numbers", "ADD --chown=7:8 t.tar /x"),
  busybox("a tar with owner by name", "ADD --chown=node t.tar /x"),
  busybox("a tar with a mode", "ADD --chmod=600 t.tar /x"),
  busybox("a file with owner and mode", "ADD --chown=7:8 --chmod=600 f /x/y"),
  busybox("a tar into a folder behind a link", "COPY . /c/\nADD t.tar /c/ld"),
  scratch("a tar that is not unpacked", "ADD --unpack=false t.tar /x/"),
  scratch("a name that is not there", "ADD nothing /x"),
  scratch("a star that matches nothing", "ADD f nothing* /x/"),
  scratch("JSON", 'ADD ["with space", "/x/"]'),
  scratch("variables", "ARG A=t\nADD ${A}.tar /x"),
  scratch("without files", "ADD --exclude=a d /x"),
  scratch("linked", "ADD --link f /x/y"),
  scratch("a tar with hard links, devices of none and odd names", "ADD odd.tar /x", {
    context: {
      "odd.tar": {
        tar: [
          { name: "one", content: "1\n", mode: 0o600, uid: 3, gid: 4 },
          { name: "two", type: "link", linkname: "one", mode: 0o755, uid: 5, gid: 6 },
          { name: "./dotted", content: "d\n" },
          { name: "/absolute", content: "a\n" },
          { name: "ünï", content: "u\n" },
          { name: "suid", content: "s\n", mode: 0o4711 },
          { name: "sticky/", mode: 0o1777 },
          { name: "fifo", type: "fifo", mode: 0o600 },
        ],
      },
    },
  }),
  scratch("a tar whose later member replaces an earlier one", "ADD again.tar /x", {
    context: {
      "again.tar": {
        tar: [
          { name: "a", content: "first\n" },
          { name: "a", content: "second\n", mode: 0o600 },
          { name: "l", type: "symlink", linkname: "a" },
          { name: "l", content: "no link\n" },
          { name: "e/", mode: 0o700 },
          { name: "e/", mode: 0o711 },
        ],
      },
    },
  }),
  scratch("a tar with a link on the way", "ADD way.tar /x", {
    context: {
      "way.tar": {
        tar: [
          { name: "real/" },
          { name: "l", type: "symlink", linkname: "real" },
          { name: "l/file", content: "through\n" },
        ],
      },
    },
  }),
  scratch("a tar that leads out of its place", "ADD out.tar /x", {
    context: { "out.tar": { tar: [{ name: "../../out", content: "out\n" }] } },
  }),
  scratch("an empty tar", "ADD none.tar /x", { context: { "none.tar": { tar: [] } } }),
];
