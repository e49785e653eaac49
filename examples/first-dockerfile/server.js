const express = require("express");

const app = express();
let goal = "Learn what an image is";

app.use(express.urlencoded({ extended: false }));

app.get("/", (_request, response) => {
  response.send(`<!doctype html>
<title>My goal</title>
<h1>My goal</h1>
<p>${goal.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)}</p>
<form method="post"><input name="goal" aria-label="New goal"> <button>Save</button></form>
`);
});

app.post("/", (request, response) => {
  goal = request.body.goal || goal;
  response.redirect("/");
});

app.listen(80, () => console.log("Listening on port 80"));
