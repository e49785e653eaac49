import type { BuildEvent, BuildStep } from "../base/build-events.ts";
import { hexOf } from "../base/digest.ts";
import { formatMessage } from "../base/message.ts";
import { familiar } from "./image-view.ts";
import type { JsonLines } from "./json-lines.ts";

export interface ClassicStream {
  onEvent(event: BuildEvent): void;
  /** `quiet` has kept words back. */
  readonly spoken: boolean;
}

/**
 * Our events in the words of Docker's classic builder. Steps run at the same time but are told one after the other: the
 * first that started has the floor until it is done, the others' words are kept. With `quiet` only the image id is said, or, when there is none, everything.
 */
export function classicStream(lines: JsonLines, { quiet }: { readonly quiet: boolean }): ClassicStream {
  const kept: string[] = [];
  const say = (stream: string) => {
    if (quiet) kept.push(stream);
    else lines.send({ stream });
  };
  let steps: readonly BuildStep[] = [];
  let told = 0;
  /** In the order in which they started; the first has the floor. */
  const open = new Map<number, { words: (() => void)[]; done: boolean }>();

  const speak = (step: number, words: () => void) => {
    const [floor] = open.keys();
    const own = open.get(step);
    if (floor === step || !own) words();
    else own.words.push(words);
  };
  const passOn = () => {
    for (const [step, own] of open) {
      for (const words of own.words.splice(0)) words();
      if (!own.done) return;
      open.delete(step);
    }
  };
  const introduce = (step: number) => {
    told += 1;
    say(`Step ${told}/${Math.max(steps.length, told)} : ${steps[step]?.text ?? ""}\n`);
  };

  const isBase = (step: number) => /^FROM\b/i.test(steps[step]?.text ?? "");

  return {
    get spoken() {
      return kept.length > 0;
    },
    onEvent(event) {
      switch (event.type) {
        case "started":
          steps = event.steps;
          break;
        case "step-started":
          open.set(event.step, { words: [], done: false });
          speak(event.step, () => introduce(event.step));
          break;
        case "log":
          speak(event.step, () => say(`${event.text}\n`));
          break;
        case "step-done": {
          const own = open.get(event.step);
          // A step that was found in the cache need not have been announced.
          if (!own) introduce(event.step);
          speak(event.step, () => {
            if (event.cached && !isBase(event.step)) say(" ---> Using cache\n");
          });
          if (own) own.done = true;
          passOn();
          break;
        }
        case "progress":
          progress(event, lines, quiet);
          break;
        case "output":
          say(`${formatMessage(event.message)}\n`);
          break;
        case "warning":
          say(`[Warning] ${formatMessage(event.message)}\n`);
          break;
        case "failed": {
          for (const own of open.values()) own.done = true;
          passOn();
          const { message, drydock } = event.error;
          const code = drydock?.exitCode ?? 1;
          for (const stream of kept.splice(0)) lines.send({ stream });
          lines.send({ errorDetail: { code, message }, error: message, drydock });
          break;
        }
        case "done": {
          if (quiet) {
            lines.send({ stream: `${event.imageId}\n` });
            break;
          }
          lines.send({ aux: { ID: event.imageId } });
          say(`Successfully built ${hexOf(event.imageId).slice(0, 12)}\n`);
          for (const tag of event.tags) say(`Successfully tagged ${withTag(familiar(tag))}\n`);
        }
      }
    },
  };
}

// Docker's client draws these as bars when it has a terminal.
function progress(event: Extract<BuildEvent, { type: "progress" }>, lines: JsonLines, quiet: boolean): void {
  if (quiet || event.item === "context") return;
  const { currentBytes: current, totalBytes: total } = event;
  const complete = total !== undefined && current >= total;
  lines.send({
    status: complete ? "Download complete" : "Downloading",
    progressDetail: complete ? {} : { current, ...(total === undefined ? {} : { total }) },
    id: event.item,
  });
}

function withTag(name: string): string {
  return name.includes(":", name.lastIndexOf("/") + 1) ? name : `${name}:latest`;
}
