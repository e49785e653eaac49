const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => escapes[character]);

/** The whole page, with the newest entry first. */
export function page(entries) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Guest book</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main>
    <header>
      <h1>Guest book</h1>
      <p>Running in a container. Leave a line before you go.</p>
    </header>
    <form method="post" action="/entries">
      <label>Your name <input name="name" maxlength="60" autocomplete="name" placeholder="Ada"></label>
      <label>Your line <textarea name="text" maxlength="500" rows="3" required placeholder="Hello from my first image!"></textarea></label>
      <button>Sign the book</button>
    </form>
    <section aria-label="Entries">
      <h2>${entries.length === 0 ? "No entries yet" : `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`}</h2>
      <ol>${entries.map(entry).join("")}</ol>
    </section>
  </main>
</body>
</html>
`;
}

function entry({ name, text, at }) {
  const time = `<time datetime="${at.toISOString()}">${at.toISOString().slice(11, 16)} UTC</time>`;
  return `
        <li>
          <p>${escape(text)}</p>
          <footer><b>${escape(name)}</b> ${time}</footer>
        </li>`;
}
