/** What a path of an image is, where the file that stands for it cannot say so. */
export interface Look {
  readonly type: "file" | "directory" | "symlink" | "fifo" | "character-device" | "block-device";
  /** Permission bits, 0–0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly device?: { readonly major: number; readonly minor: number };
}
