import { type Message, msg } from "../../../engine/base/message.ts";
import { formatBytes } from "../../ui/format.ts";

/** Asked above what makes a build context large. */
export function sentToBuild({ files, bytes }: { readonly files: number; readonly bytes: number }): Message {
  const counts = { files, size: formatBytes(bytes) };
  return files === 1
    ? msg("1 file, {size} is sent to a build. Choose what to ignore.", counts)
    : msg("{files} files, {size} are sent to a build. Choose what to ignore.", counts);
}
