import { type Message, msg } from "../../../engine/base/message.ts";

export interface InstructionDoc {
  /** What beginners trip over, behind the one line that `data/keywords.ts` has. */
  readonly more: Message;
  readonly example: string;
}

/** What a hover says of an instruction. */
export const instructionDocs: Readonly<Record<string, InstructionDoc>> = {
  FROM: {
    more: msg(
      "Each FROM begins a new stage with nothing of the one before; what a later stage needs it takes with COPY --from. Only the last stage becomes the image, unless --target names another. Without a tag it is :latest, which is another image tomorrow.",
    ),
    example: "FROM node:24-slim AS build",
  },
  RUN: {
    more: msg(
      "It happens once, during the build: a server that is started here is gone in the image. Each RUN has a shell of its own, so cd and export end with it; WORKDIR and ENV stay. What one RUN writes and the next deletes stays in the image.",
    ),
    example: "RUN --mount=type=cache,target=/root/.npm npm ci",
  },
  COPY: {
    more: msg(
      "Sources are paths in the build context, and never outside of it; .dockerignore leaves files out. A folder stands for what is in it, not for itself. A destination that ends in / is a folder, and a relative one begins in WORKDIR.",
    ),
    example: "COPY --chown=node:node package*.json ./",
  },
  ADD: {
    more: msg(
      "Archives of the context are unpacked, addresses are fetched and repositories cloned. Where nothing of this is wanted, COPY does what it says.",
    ),
    example: "ADD --checksum=sha256:… https://example.com/tool.tar.gz /opt/",
  },
  WORKDIR: {
    more: msg(
      "It holds for all later RUN, COPY, ADD, CMD and ENTRYPOINT, and for the shell of exec. A relative path continues the one before. RUN cd does nothing for the next step.",
    ),
    example: "WORKDIR /app",
  },
  ENV: {
    more: msg(
      "Everybody who has the image can read it, so it is no place for passwords. Within one ENV all values see what held before it. A value for the build alone is ARG.",
    ),
    example: "ENV NODE_ENV=production",
  },
  ARG: {
    more: msg(
      "It is set with --build-arg, and is gone in the container. Above the first FROM it holds for FROM lines only: a stage that wants it says ARG NAME again. Its value is seen in the image's history, so it is no place for passwords.",
    ),
    example: "ARG VERSION=1.0",
  },
  EXPOSE: {
    more: msg(
      "It documents and opens nothing: the container is reached from outside with run -p 8080:80, and run -P publishes everything that is exposed. A program that listens on 127.0.0.1 cannot be reached even then; it has to listen on 0.0.0.0.",
    ),
    example: "EXPOSE 8080",
  },
  CMD: {
    more: msg(
      "Only the last one counts, and what stands behind the image's name in run replaces it. Behind an ENTRYPOINT it is the arguments. As a JSON array the program gets the signal that stops the container; without, a shell gets it.",
    ),
    example: 'CMD ["node", "server.js"]',
  },
  ENTRYPOINT: {
    more: msg(
      "CMD, and what stands behind the image's name in run, are its arguments. It is replaced with run --entrypoint. In shell form it takes no arguments and no signals.",
    ),
    example: 'ENTRYPOINT ["/usr/local/bin/app"]',
  },
  USER: {
    more: msg(
      "It holds for later RUN, CMD and ENTRYPOINT; what COPY brings belongs to root all the same, unless --chown says otherwise. The user has to exist when it is a name. Ports below 1024 may need root.",
    ),
    example: "USER node",
  },
  LABEL: {
    more: msg("Tools and registries read the names that begin with org.opencontainers.image."),
    example: "LABEL org.opencontainers.image.source=https://github.com/owner/app",
  },
  VOLUME: {
    more: msg(
      "Each container gets a volume of its own there, also when nobody asks for one, and later images cannot take it back. Where it is mounted is better said at run -v.",
    ),
    example: "VOLUME /var/lib/data",
  },
  HEALTHCHECK: {
    more: msg(
      "The command runs inside the container: 0 is well, 1 is not. Programs that it needs, such as curl, have to be in the image. Only the last one counts; NONE takes back that of the base image.",
    ),
    example: "HEALTHCHECK --interval=30s --timeout=3s CMD wget -qO- http://localhost:8080/ || exit 1",
  },
  SHELL: {
    more: msg("It is for commands that are no JSON array, in this stage and in those built from it."),
    example: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  },
  STOPSIGNAL: {
    more: msg("The program has ten seconds after it; then comes SIGKILL."),
    example: "STOPSIGNAL SIGQUIT",
  },
  ONBUILD: {
    more: msg(
      "Nothing happens in this build. It happens right behind FROM of the other one, whose writer does not see it; FROM, MAINTAINER and ONBUILD cannot stand behind it.",
    ),
    example: "ONBUILD COPY . /app",
  },
  MAINTAINER: {
    more: msg("It still works, and tools warn about it."),
    example: "LABEL org.opencontainers.image.authors=name@example.com",
  },
};
