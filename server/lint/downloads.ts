import { flagsOf } from "../shell/arguments.ts";
import type { Command, Script, ShellWord } from "../shell/model.ts";

const valued = [
  "-o",
  "-O",
  "-w",
  "-X",
  "-H",
  "-d",
  "-u",
  "-A",
  "-P",
  "-e",
  "-F",
  "-x",
  "-m",
  "-T",
  "-t",
  "--output",
  "--header",
  "--retry",
  "--user",
  "--proto",
];

/** The addresses that curl or wget is given. */
export function addressesOf(command: Command): readonly ShellWord[] {
  if (command.name !== "curl" && command.name !== "wget") return [];
  const { operands, flags } = flagsOf(command, { valued });
  // `-O` of curl takes no value: the word behind it is the address after all.
  const behind = command.args.filter(({ text }, at) => command.args[at - 1]?.text.match(/^-\w*O$/) && isAddress(text));
  const named = flags.some(({ name }) => name === "--url") ? command.args.filter(({ text }) => isAddress(text)) : [];
  return [...new Set([...operands, ...behind, ...named])].filter(({ text }) => isAddress(text));
}

function isAddress(text: string): boolean {
  return /^[a-z]+:\/\/|^[\w-]+(?:\.[\w-]+)+\//i.test(text);
}

/** The host of an address, without its port; undefined when it is not constant. */
export function hostOf(address: string): string | undefined {
  return /^(?:[a-z]+:\/\/)?(?:[^\s/@]*@)?([\w.-]+)(?=[:/?#]|$)/i.exec(address)?.[1]?.toLowerCase();
}

/** On this machine or in a network of one's own. */
export function isLocal(address: string): boolean {
  const host = hostOf(address) ?? "";
  return (
    /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+)$/.test(host) ||
    /\.(?:local|internal|lan|test|localhost|svc)$/.test(host) ||
    !host.includes(".")
  );
}

/** The script compares what it downloaded with a checksum or a signature. */
export function isVerified({ commands }: Script): boolean {
  return commands.some(
    ({ name, text }) =>
      (/^(?:sha\d+sum|shasum|md5sum|b2sum|openssl)$/.test(name) && /\s-\w*c|--check|dgst/.test(text)) ||
      (/^gpgv?2?$/.test(name) && (name.startsWith("gpgv") || /--verify|--decrypt/.test(text))) ||
      /^(?:cosign|minisign|slsa-verifier|signify)$/.test(name),
  );
}
