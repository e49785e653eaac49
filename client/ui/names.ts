/** An image name from a folder's name: lower case, only what a reference may hold; `app` when nothing is left. */
export function imageNameFor(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/[._-]*-[._-]*|\.{2,}|_{3,}|[._-]{2,}/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return name || "app";
}

/** A container name from an image's: the last part without tag, made unique by a number. */
export function containerNameFor(image: string, taken: ReadonlySet<string>): string {
  const last = image.replace(/@.*$/, "").split("/").at(-1) ?? image;
  const base = last.replace(/:.*$/, "").replace(/[^a-zA-Z0-9_.-]/g, "") || "container";
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}
