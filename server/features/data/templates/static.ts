import { msg } from "../../../../engine/base/message.ts";
import { readManifest } from "../../../lint/node-project.ts";
import { has, type Template } from "./template.ts";

/** The last stage of what nothing but files are served of. `source`: what COPY takes. */
export const nginx = (source: string) => `FROM nginxinc/nginx-unprivileged:1.29-alpine
COPY ${source} /usr/share/nginx/html/
USER nginx
EXPOSE 8080
`;

export const site: Template = {
  id: "static",
  label: "Dockerfile: static site (nginx)",
  says: msg("Files served by nginx, without root"),
  fits: (project) => {
    const scripts = readManifest(project)?.scripts;
    if (scripts?.has("build") || scripts?.has("start") || has(project, "index.php")) return false;
    return has(project, "index.html") || project.exists("public/index.html") === true;
  },
  text: (project) => nginx(!has(project, "index.html") && has(project, "public") ? "public" : "."),
  ignores: () => ["node_modules", "*.md"],
};
