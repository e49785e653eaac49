export function installExtension(source: string, extensionsDir: string): string;
export const quietSettings: Readonly<Record<string, unknown>>;
