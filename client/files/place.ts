import type { FileEntry, FileType } from "../../engine/base/files-api.ts";

export const scheme = "drydock-files";

/** `layer`: the files of an image up to one of its layers. */
export type PlaceKind = "container" | "image" | "volume" | "layer";

/** A file or folder of a container, an image or a volume. */
export interface Place {
  readonly kind: PlaceKind;
  /** Name of a container or volume, id of an image; of a layer the image and the number, from 0: `sha256:…@2`. */
  readonly id: string;
  /** Absolute, `/` for the root. */
  readonly path: string;
}

/** `drydock-files://container/<name>/etc/hosts`; without the percent signs, which whoever makes an address of it puts in. */
export function placeParts({ kind, id, path }: Place): { readonly authority: string; readonly path: string } {
  return { authority: kind, path: `/${id}${path}` };
}

/** Undefined for what is no such address. */
export function placeOf({ authority, path }: { readonly authority: string; readonly path: string }): Place | undefined {
  if (authority !== "container" && authority !== "image" && authority !== "volume" && authority !== "layer")
    return undefined;
  const found = /^\/([^/]+)(\/.*)?$/.exec(path);
  return found?.[1] ? { kind: authority, id: found[1], path: clean(found[2] ?? "/") } : undefined;
}

export function below(place: Place, name: string): Place {
  return { ...place, path: clean(`${place.path}/${name}`) };
}

function clean(path: string): string {
  return path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
}

/** What an entry is to open: for a link what it leads to. */
export function kindOf({ type, targetType }: FileEntry): FileType {
  return type === "link" ? (targetType ?? "link") : type;
}

/** `-rw-r--r--` */
export function modeText({ type, mode }: FileEntry): string {
  const kind = {
    file: "-",
    folder: "d",
    link: "l",
    fifo: "p",
    socket: "s",
    "character-device": "c",
    "block-device": "b",
  }[type];
  const bits = [...(mode & 0o777).toString(2).padStart(9, "0")].map((bit, index) =>
    bit === "1" ? "rwx"[index % 3] : "-",
  );
  return kind + bits.join("");
}
