import type { Message } from "../../../engine/base/message.ts";
import { msg } from "../../../engine/base/message.ts";
import { unknownProject } from "../../lint/project-unknown.ts";
import { rules } from "../../rules/rules.ts";
import { keywords } from "../data/keywords.ts";
import { annotationPrefix, annotations } from "../data/labels.ts";
import { mountKeyDocs, mountTypeDocs } from "../data/mounts.ts";
import { templates } from "../data/templates.ts";
import { flagDocs } from "../flag-docs.ts";

type Translate = (message: Message) => string;

const reference = "https://docs.docker.com/reference/dockerfile/";

const directives: Readonly<Record<string, Message>> = {
  syntax: msg("The version of the Dockerfile language; it is fetched for each build"),
  escape: msg("The character that continues a line: ` leaves \\ to paths of Windows"),
  check: msg("Which checks of the builder are left out, and whether they end the build"),
  ignore: msg("Silences the named rules for the instruction below; global: for the file"),
  shell: msg("The shell that the linter reads scripts for"),
};

/** What there is to say of `keyword/RUN`, `flag/COPY/link`, `code/run/sudo`, …, in Markdown. */
export function documentation(doc: string, translate: Translate): string | undefined {
  const slash = doc.indexOf("/");
  const [kind, name] = [doc.slice(0, slash), doc.slice(slash + 1)];
  const said = (message: Message | undefined) => message && translate(message);
  switch (kind) {
    case "keyword": {
      if (name === "AS") return translate(msg("Names the stage, for COPY --from, FROM and --target"));
      const text = said(keywords[name]?.says);
      return text && `${text}\n\n[${name}](${reference}#${name.toLowerCase()})`;
    }
    case "flag": {
      const [keyword = "", flag = ""] = name.split("/");
      const text = said(flagDocs[keyword]?.[flag]);
      return text && `${text}\n\n[${keyword} --${flag}](${reference}#${keyword.toLowerCase()}---${flag})`;
    }
    case "mount":
      return said(mountKeyDocs[name]);
    case "mounttype":
      return said(mountTypeDocs[name]);
    case "label": {
      const text = said(annotations[name]?.says);
      return text && `\`${annotationPrefix}${name}\`\n\n${text}`;
    }
    case "directive":
      return said(directives[name]);
    case "code": {
      const rule = rules.find(({ id }) => id === name);
      return rule && `${translate(rule.summary)}\n\n${translate(rule.why)}`;
    }
    case "template": {
      const template = templates.find(({ id }) => id === name);
      return template && `${translate(template.says)}\n\n\`\`\`dockerfile\n${template.text(unknownProject)}\`\`\``;
    }
    default:
      return undefined;
  }
}
