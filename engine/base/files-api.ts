/**
 * Files of containers, images and volumes below `/drydock/{containers,images,volumes}/{name}/`:
 *
 *   GET    …/files?path=       FileList: what is in a folder; of anything else the thing alone. `follow=0`: not through a link at the end
 *   GET    …/file?path=        a file's bytes; `Range: bytes=…` is understood
 *   PUT    …/file?path=        a file's new bytes; made when it is missing (not with `create=0`), its mode and owner stay
 *   POST   …/rename?from=&to=  what is at `to` is replaced with `overwrite=1` only
 *   POST   …/mkdir?path=       with `parents=1` those on the way as well
 *   DELETE …/file?path=        a folder with what is in it with `recursive=1` only
 *
 * Images are read only. Links are followed inside of the container, image or volume.
 */
export interface FileList {
  /** Of the path itself, after its last link. */
  readonly entry: FileEntry;
  /** Sorted by name; absent when it is no folder. */
  readonly entries?: readonly FileEntry[];
  /** False for images, and for what is mounted read only. */
  readonly writable: boolean;
}

export interface FileEntry {
  readonly name: string;
  readonly type: FileType;
  readonly size: number;
  /** Permissions, with set-id and sticky bits; not the kind. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** ms since 1970. */
  readonly mtimeMs: number;
  /** Of a link: as written. */
  readonly linkTarget?: string;
  /** Of a link: the kind of what it leads to; absent when it leads nowhere. */
  readonly targetType?: FileType;
  /** Something is mounted here: it can be neither removed nor renamed. */
  readonly isMount?: boolean;
}

export type FileType = "file" | "folder" | "link" | "fifo" | "socket" | "character-device" | "block-device";
