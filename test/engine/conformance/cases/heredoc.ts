// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import { type Case, from } from "../case.ts";

const scratch = from("scratch");
const busybox = from("busybox");

export const heredoc: readonly Case[] = [
  scratch("a file", "COPY <<EOF /x\none\ntwo\nEOF"),
  scratch("a file into a folder", "COPY <<name /x/\none\nname"),
  scratch("an empty file", "COPY <<EOF /x\nEOF"),
  scratch("two files", "COPY <<A <<B /x/\na\nA\nb\nB"),
  scratch("a file and a file of the context", "COPY <<EOF f /x/\none\nEOF"),
  scratch("variables", "ENV V=1\nCOPY <<EOF /x\n$V ${V}x ${NONE:-d} \\$V 'q $V' \"q\"\nEOF"),
  scratch("no variables in quotes", "ENV V=1\nCOPY <<'EOF' /x\n$V \\$V\nEOF"),
  scratch("no variables in double quotes", 'ENV V=1\nCOPY <<"EOF" /x\n$V\nEOF'),
  scratch("tabs taken away", "COPY <<-EOF /x\n\tone\n\t\ttwo\n\tEOF"),
  scratch("tabs kept", "COPY <<EOF /x\n\tone\nEOF"),
  scratch("owner and mode", "COPY --chown=7:8 --chmod=600 <<EOF /x/y\none\nEOF"),
  scratch("with ADD", "ADD <<EOF /x\none\nEOF"),
  scratch("a comment in a body", "COPY <<EOF /x\n# no comment\n\nlast\nEOF"),
  scratch("a backslash in a body", "COPY <<EOF /x\na\\\\b \\\nnext\nEOF"),
  scratch("no end", "COPY <<EOF /x\none"),
  busybox("a script", "RUN <<EOF\necho a > /out\necho b >> /out\nEOF"),
  busybox("a script's last command counts", "RUN <<EOF\nfalse\necho a > /out\nEOF"),
  busybox("a script that fails", "RUN <<EOF\necho a\nfalse\nEOF"),
  busybox("variables are the shell's", "ENV A=1\nRUN <<EOF\nB=2\necho $A $B > /out\nEOF"),
  busybox("a script with its own program", 'RUN <<EOF\n#!/bin/busybox awk -f\nBEGIN { print "awk" > "/out" }\nEOF'),
  busybox("input of a program", "RUN cat <<EOF > /out\none\nEOF"),
  busybox("inputs of two programs", "RUN cat <<A > /a && cat <<B > /b\none\nA\ntwo\nB"),
  busybox("a program named behind", "RUN <<EOF sh -s x\necho $1 > /out\nEOF"),
  busybox("tabs of a script taken away", "RUN <<-EOF\n\techo a > /out\n\tEOF"),
  busybox("what is no heredoc", 'RUN echo $((1<<3)) "<<EOF" > /out'),
];
