/** A file as people write them, again and again: 20 lines a stage, some mistakes in each. */
export function longFile(lines: number): string {
  const stages = Array.from({ length: Math.ceil(lines / 20) }, (_, at) => stage(at));
  return `${stages.join("").split("\n").slice(0, lines).join("\n")}\n`;
}

function stage(at: number): string {
  return `# Stage ${at}
FROM node:24-slim AS stage${at}
ARG VERSION=1.${at}
ENV NODE_ENV=production \\
    APP_HOME=/srv/app${at}
WORKDIR /srv/app${at}
RUN apt-get update \\
    && apt-get install -y curl git=1:2.39 ca-certificates \\
    && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY --chown=node:node . .
RUN npm run build && echo "built $VERSION in $APP_HOME"
RUN <<EOF
set -eu
tar -xzf files${at}.tar.gz | tee /tmp/log
EOF
EXPOSE 80${at % 100} 9229
HEALTHCHECK --interval=30s CMD curl -f http://localhost:3000/ || exit 1
CMD node server${at}.js
`;
}
