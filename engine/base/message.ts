/**
 * A sentence for a person that is not yet in a language. The template is the English text and the key of its
 * translation in l10n/; `{name}` stands for an argument. Edges (client, server, cli) turn it into text.
 */
export interface Message {
  readonly template: string;
  readonly args?: MessageArgs;
}

/** An argument that is itself a sentence is translated too. */
export type MessageArgs = Readonly<Record<string, string | number | Message>>;

/** Marks a visible string. The template must be a literal: a test compares all literals with the translations. */
export function msg(template: string, args?: MessageArgs): Message {
  return args === undefined ? { template } : { template, args };
}

/** Fills a template in. Edges pass what knows the translated templates; everybody else gets English. */
export function formatMessage(
  { template, args }: Message,
  translated?: (template: string) => string | undefined,
): string {
  return (translated?.(template) ?? template).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args?.[name];
    return typeof value === "object" ? formatMessage(value, translated) : String(value ?? whole);
  });
}
