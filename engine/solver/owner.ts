import { type Message, msg } from "../base/message.ts";
import { findGroup, findUser, numericId } from "../snapshot/users.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who `user[:group]` of --chown (or the USER that a WORKDIR belongs to) is. A user's name brings its group; a number
 * alone is also the group. As in the reference an unknown name is 0, but not silently: `warn` hears of it.
 * `root` is undefined for an empty file system.
 */
export function resolveOwner(owner: string, root: string | undefined, warn: (message: Message) => void): Owner {
  const colon = owner.indexOf(":");
  const user = (colon < 0 ? owner : owner.slice(0, colon)) || "0";
  const group = colon < 0 ? "" : owner.slice(colon + 1);

  const number = numericId(user);
  const entry = number === undefined && root !== undefined ? findUser(root, user) : undefined;
  if (number === undefined && !entry) {
    warn(msg('the image has no user "{name}": what is copied belongs to root', { name: user }));
  }
  const uid = number ?? entry?.uid ?? 0;
  if (group === "") return { uid, gid: number ?? entry?.gid ?? 0 };

  const groupNumber = numericId(group);
  const groupEntry = groupNumber === undefined && root !== undefined ? findGroup(root, group) : undefined;
  if (groupNumber === undefined && !groupEntry) {
    warn(msg('the image has no group "{name}": the group stays that of the user', { name: group }));
  }
  return { uid, gid: groupNumber ?? groupEntry?.gid ?? entry?.gid ?? 0 };
}
