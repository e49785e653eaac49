/**
 * A sentence for a person that is not yet in a language. The template is the English text and the key of its
 * translation in l10n/; `{name}` stands for an argument. Edges (client, server, cli) turn it into text.
 */
export interface Message {
  readonly template: string;
  readonly args?: MessageArgs;
}

export type MessageArgs = Readonly<Record<string, string | number>>;

/** Marks a visible string. The template must be a literal: a test compares all literals with the translations. */
export function msg(template: string, args?: MessageArgs): Message {
  return args === undefined ? { template } : { template, args };
}

/** Fills a template in. Edges pass the translated template; everybody else gets English. */
export function formatMessage(message: Message, template: string = message.template): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(message.args?.[name] ?? whole));
}
