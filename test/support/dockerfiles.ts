// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
/** Files of all kinds, as people write them; property tests cut and mix them. */
export const dockerfiles: Readonly<Record<string, string>> = {
  node: `# syntax=docker/dockerfile:1
ARG NODE=24
FROM node:\${NODE}-slim AS deps
WORKDIR /app
COPY package.json package-lock.json* ./
RUN npm ci --omit=dev \\
    && npm cache clean --force

FROM deps AS build
COPY . .
RUN npm run build

FROM node:\${NODE}-slim
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=deps --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
USER node
EXPOSE \${PORT}
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:\${PORT}/ || exit 1
CMD ["node", "dist/main.js"]
`,
  apt: `FROM debian:bookworm
LABEL maintainer="Someone <someone@example.com>" \\
      org.opencontainers.image.title='An app'
# Tools
RUN apt-get update \\
 && apt-get install -y --no-install-recommends \\
      # for downloads
      ca-certificates \\

      curl=7.88.* \\
 && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo \\"hello\\""]
`,
  heredocs: `FROM python:3.13
RUN <<EOF
set -e
pip install flask
EOF
RUN <<-'SCRIPT' python3
	print("<<EOF")
	SCRIPT
COPY <<run.sh <<"conf" /etc/app/
#!/bin/sh
exec flask --port $PORT
run.sh
key = $literal
conf
RUN cat <<A >/a && cat << B >/b
one
A
two
B
CMD flask run
`,
  windows: `# escape=\`
FROM mcr.microsoft.com/windows/servercore:ltsc2025
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN New-Item -Path c:\\app -ItemType Directory ; \`
    Set-Location c:\\app
COPY app.exe c:\\app\\
WORKDIR c:\\\\app
ENTRYPOINT ["c:\\\\app\\\\app.exe"]
`,
  crlf: "FROM alpine\r\nRUN echo one && \\\r\n    # comment\r\n    echo two\r\nCOPY <<E /e\r\nx\r\nE\r\nENV A=1\r\n",
  variables: `ARG BASE=alpine
ARG TAG
FROM \${BASE}:\${TAG:-3.20} AS base
ARG VERSION=1.2.3
ENV MAJOR=\${VERSION%%.*} MINOR="\${VERSION#*.}" PLAIN=\\$HOME QUOTED='$x'
ENV LEGACY some value with $MAJOR
LABEL version="\${VERSION:-none}" empty="" path=a\\ b
VOLUME \${DATA:-/data} /other
STOPSIGNAL SIG\${SIGNAL:-TERM}
`,
  onbuild: `FROM golang:1.27
ONBUILD WORKDIR /src
ONBUILD COPY . .
ONBUILD RUN --network=none <<EOF
go build ./...
EOF
`,
  unicode: `FROM alpine
LABEL 설명="이것은 예제입니다 🐳" \\
      description="日本語"
RUN echo 'привет мир' > /приве́т.txt && \\
    echo "🐳🐳" # 고래
COPY 파일.txt /앱/
`,
  json: `FROM scratch
COPY ["a file", \\
  "another file", "/to/"]
VOLUME ["/a", "/b"]
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
CMD [ "x" , "y\\u0041\\n" ]
ENTRYPOINT ["broken', "x]
`,
  mounts: `FROM golang:1.27 AS build
RUN --mount=type=cache,target=/root/.cache \\
    --mount=type=bind,source=.,target=/src \\
    --mount=type=secret,id=token,required \\
    cd /src && go build -o /out/app .
FROM gcr.io/distroless/static@sha256:0000000000000000000000000000000000000000000000000000000000000000
COPY --link --from=build /out/app /app
ADD --checksum=sha256:00 https://example.com/x.tar.gz /tmp/
`,
  mistakes: `RUN before
FROM
FROM a b c d
FORM x
ENV A
ENV B=1 c
COPY one
COPY --from --link=perhaps --nope=1 a b
ONBUILD ONBUILD RUN x
HEALTHCHECK --interval=3 SOMETIMES
SHELL bash
EXPOSE
RUN <<NEVER
body
`,
  odd: "\uFEFF\n\n  \t FROM a\n\\\n\\\n\tRUN x\\\\\n\nrun \\\n\n\n# end\n\\",
};
