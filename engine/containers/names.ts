import { randomBytes, randomInt } from "node:crypto";
import { invalidName } from "./errors.ts";

const moods =
  "able airy amber bold brave breezy bright brisk calm candid clever cosy daring deft eager early fleet fond frank gentle glad grand happy hardy humble jolly keen kind lively lucky mellow merry nimble noble patient plucky polite proud quick quiet ready salty sleek smart snug spry steady stout sturdy sunny swift tidy trim trusty upbeat vivid warm wise witty zesty";

/** People of computing, and what lies in a harbour. */
const nouns =
  "allen anchor babbage backus barge beacon bollard boole buoy bowsprit capstan cerf clipper codd compass conway cooper cutter dahl dijkstra dinghy dock engelbart ferry floyd frigate galley hamming hamilton harbour hawser helm hoare hopper hull jetty johnson kay keel ketch kilby knuth lamport lantern liskov lovelace mast mccarthy milner mooring naur nygaard paddle perlis pier pilot pinnace postel quay ritchie rudder sail schooner shannon skiff sloop spar tanker tender tiller trawler tugboat turing winch wirth wharf yawl zuse";

const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** The name as it is kept: without the API's leading slash. @throws EngineError `invalid-argument` */
export function checkName(name: string): string {
  const plain = name.startsWith("/") ? name.slice(1) : name;
  if (!pattern.test(plain)) throw invalidName(name);
  return plain;
}

/** `brave_hopper`; with a number behind it once most of the names are gone. */
export function generateName(taken: (name: string) => boolean, random: (max: number) => number = randomInt): string {
  const left = moods.split(" ");
  const right = nouns.split(" ");
  for (let attempt = 0; ; attempt += 1) {
    const name = `${left[random(left.length)]}_${right[random(right.length)]}${attempt < 8 ? "" : attempt}`;
    if (!taken(name)) return name;
  }
}

/** 64 hexadecimal digits. The short form becomes a host name, so it must not look like a number. */
export function generateId(): string {
  for (;;) {
    const id = randomBytes(32).toString("hex");
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

export function shortId(id: string): string {
  return id.slice(0, 12);
}
