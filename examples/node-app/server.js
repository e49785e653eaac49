import express from "express";
import { page } from "./page.js";

const port = Number(process.env.PORT ?? 80);
const entries = [];

const app = express();
app.use(express.static("public"));
app.use(express.urlencoded({ extended: false, limit: "10kb" }));

app.get("/", (request, response) => {
  response.send(page(entries));
});

app.post("/entries", (request, response) => {
  const name = String(request.body?.name ?? "").trim().slice(0, 60) || "Somebody";
  const text = String(request.body?.text ?? "").trim().slice(0, 500);
  if (text) {
    entries.unshift({ name, text, at: new Date() });
    console.log(`New entry from ${name}: ${text}`);
  }
  // Back to the page with GET, so that reloading it does not post again.
  response.redirect(303, "/");
});

app.get("/health", (request, response) => {
  response.json({ status: "ok", entries: entries.length });
});

const server = app.listen(port, (error) => {
  if (error) throw error;
  console.log(`The guest book is open on port ${port}`);
});

// `docker stop` sends SIGTERM: finish the requests under way, then end. Without this, stopping takes ten seconds and a SIGKILL.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    console.log(`${signal}: closing`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
