import { readManifest } from "../../lint/node-project.ts";
import type { ProjectView } from "../../lint/views.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, variablesAt, viewAt } from "./place.ts";

/** CMD and ENTRYPOINT: how the project beside the file is usually started, in exec form. */
export function startOffers(place: Place): Offers {
  const { before, keyword, analysis } = place;
  const lists = startsOf(analysis.project, rootOf(place));
  const offers = lists.map(
    (words): Offer => ({ label: `[${words.map((word) => JSON.stringify(word)).join(", ")}]`, kind: "Snippet" }),
  );
  const empty: Offer = {
    label: '["…"]',
    kind: "Snippet",
    insert: '[""]',
    snippet: '["$1"]',
    filter: "[",
    doc: `keyword/${keyword}`,
  };
  return { typed: before, tail: /^.*/, offers: [...offers, empty] };
}

function rootOf(place: Place): string {
  let view = viewAt(place);
  while (view?.parent) view = view.parent;
  return view?.base.repository?.split("/").at(-1) ?? "";
}

function startsOf(project: ProjectView, image: string): readonly (readonly string[])[] {
  const has = (name: string) => project.exists(name) === true;
  const found: (readonly string[])[] = [];
  const manifest = readManifest(project);
  const start = manifest?.scripts.get("start");
  const script = /^node\s+(\S+)$/.exec(start ?? "")?.[1];
  if (script) found.push(["node", script]);
  for (const name of ["server.js", "index.js", "app.js", "src/index.js", "dist/index.js"])
    if (has(name)) found.push(["node", name]);
  if (start !== undefined) found.push(["npm", "start"]);
  for (const name of ["app.py", "main.py", "server.py"]) {
    if (!has(name)) continue;
    if (/\bFastAPI\(/.test(project.text(name) ?? ""))
      found.push(["uvicorn", `${name.slice(0, -3)}:app`, "--host", "0.0.0.0"]);
    found.push(["python", name]);
  }
  if (has("manage.py")) found.push(["python", "manage.py", "runserver", "0.0.0.0:8000"]);
  if (has("go.mod") || has("Cargo.toml")) found.push(["/app"]);
  if (has("pom.xml") || has("build.gradle") || has("build.gradle.kts")) found.push(["java", "-jar", "app.jar"]);
  if (has("config.ru")) found.push(["bundle", "exec", "rackup", "--host", "0.0.0.0"]);
  if (image === "nginx") found.push(["nginx", "-g", "daemon off;"]);
  if (found.length === 0 && image === "node") found.push(["node", "server.js"]);
  if (found.length === 0 && image === "python") found.push(["python", "app.py"]);
  return [...new Map(found.map((words) => [words.join(" "), words])).values()];
}

/** HEALTHCHECK CMD. */
export function ofCommand(place: Place): readonly Offer[] {
  const hasPort = variablesAt(place).has("PORT");
  const port = hasPort ? "$PORT" : "8080";
  return [
    { label: `wget -qO- http://localhost:${port}/ || exit 1`, kind: "Snippet" },
    { label: `curl -fsS http://localhost:${port}/ || exit 1`, kind: "Snippet" },
    { label: '["/app", "--health"]', kind: "Snippet" },
  ];
}
