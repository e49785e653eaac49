import { readPairs } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { contains } from "../../lint/fixes.ts";
import { annotationPrefix, annotations } from "../data/labels.ts";
import { signals } from "../data/signals.ts";
import { own } from "../own.ts";
import { joined } from "./sources.ts";
import { code, paragraphs, type Said, type Spot } from "./spot.ts";
import { expandedHere } from "./variables.ts";

/** Values that mean something: ports, signals, users, folders, labels. */
export function ofArgument(spot: Spot): Said | undefined {
  const { instruction, position } = spot;
  if (instruction.keyword === "LABEL") return ofLabel(spot);
  const word = instruction.words.find(({ range }) => contains(range, position));
  if (!word) return undefined;
  const text = expandedHere(spot, word.text) ?? word.text;
  const said = explained(spot, text);
  return said === undefined ? undefined : { text: said, range: word.range };
}

function explained(spot: Spot, text: string): string | undefined {
  const { translate, instruction, outer, view } = spot;
  switch (instruction.keyword) {
    case "EXPOSE":
      return ofPort(spot, text);
    case "STOPSIGNAL": {
      const name = /^\d/.test(text) ? text : text.toUpperCase().replace(/^(?!SIG)/, "SIG");
      const says = own(signals, name);
      return says && `**${name}** — ${translate(says)}`;
    }
    case "USER":
      return ofUser(spot, text);
    case "WORKDIR": {
      if (/^(?:\/|[A-Za-z]:|\$)/.test(text)) return undefined;
      const before = view?.workdirAt(outer);
      return before === undefined
        ? translate(msg("Relative to the working folder of the base image: no WORKDIR stands above."))
        : `${code(text)} → ${code(joined(before, text))}`;
    }
    case "HEALTHCHECK":
      return text.toUpperCase() === "NONE"
        ? `**NONE** — ${translate(msg("Takes back the health check of the base image"))}`
        : undefined;
    default:
      return undefined;
  }
}

const services: Readonly<Record<string, string>> = {
  "22": "SSH",
  "53": "DNS",
  "80": "HTTP",
  "443": "HTTPS",
  "3306": "MySQL",
  "5432": "PostgreSQL",
  "5672": "AMQP",
  "6379": "Redis",
  "9090": "Prometheus",
  "9200": "Elasticsearch",
  "11211": "Memcached",
  "27017": "MongoDB",
};

function ofPort({ translate }: Spot, text: string): string | undefined {
  const found = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text);
  if (!found) return undefined;
  const [, first = "", last, protocol = "tcp"] = found;
  const ports = last === undefined ? first : `${first}-${last}`;
  const service = last === undefined ? services[first] : undefined;
  const suffix = protocol.toLowerCase() === "tcp" ? "" : `/${protocol.toLowerCase()}`;
  return paragraphs(
    `**${ports}/${protocol.toLowerCase()}**${service === undefined ? "" : ` — ${service}`}`,
    translate(
      msg("EXPOSE only says so: {command} opens it to the outside.", {
        command: code(`docker run -p ${ports}:${ports}${suffix}`),
      }),
    ),
    Number(first) < 1024 && translate(msg("A user other than root may not be allowed to listen below 1024.")),
  );
}

function ofUser({ translate }: Spot, text: string): string | undefined {
  const [user = ""] = text.split(":");
  if (user === "root" || user === "0") {
    return translate(
      msg("root may do everything in the container. Before the last stage ends, another USER is safer."),
    );
  }
  if (/^\d+$/.test(user))
    return translate(msg("A number need not exist in the image; it then has no name and no home folder."));
  return /^[\w.-]+$/.test(user)
    ? translate(
        msg("{user} has to exist in the image: the base image has it, or a RUN makes it.", { user: code(user) }),
      )
    : undefined;
}

function ofLabel({ instruction, position, translate }: Spot): Said | undefined {
  for (const { name, nameSpan } of readPairs(instruction).pairs) {
    const range: Range = instruction.rest.rangeOf(nameSpan.start, nameSpan.end);
    if (!contains(range, position)) continue;
    const key = name.replace(/^["']|["']$/g, "");
    const known = key.startsWith(annotationPrefix) ? own(annotations, key.slice(annotationPrefix.length)) : undefined;
    if (!known) return undefined;
    return { text: paragraphs(`**${key}** — ${translate(known.says)}`, code(`${key}="${known.like}"`)), range };
  }
  return undefined;
}
