/** An IPv4 or IPv6 address as a number, so that both families are counted and compared alike. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Subnet {
  readonly family: 4 | 6;
  /** The first address: host bits are zero. */
  readonly first: bigint;
  readonly prefixLength: number;
}

/** Undefined for what is not exactly one address. A zone (`%eth0`) is none of an address. */
export function parseAddress(text: string): IpAddress | undefined {
  const value = text.includes(":") ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { family: text.includes(":") ? 6 : 4, value };
}

export function formatAddress({ family, value }: IpAddress): string {
  return family === 4 ? bytesOf(value, 4).join(".") : formatV6(value);
}

/** `172.18.0.0/16`; host bits are cleared. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, host = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(host);
  const prefixLength = Number(digits);
  if (!address || prefixLength > widthOf(address.family)) return undefined;
  return subnetAround(address, prefixLength);
}

export function subnetAround({ family, value }: IpAddress, prefixLength: number): Subnet {
  const size = 1n << BigInt(widthOf(family) - prefixLength);
  return { family, first: value - (value % size), prefixLength };
}

export function formatSubnet({ family, first, prefixLength }: Subnet): string {
  return `${formatAddress({ family, value: first })}/${prefixLength}`;
}

/** The last address; of IPv4 the one for broadcasts. */
export function lastOf({ family, first, prefixLength }: Subnet): bigint {
  return first + (1n << BigInt(widthOf(family) - prefixLength)) - 1n;
}

export function contains(subnet: Subnet, { family, value }: IpAddress): boolean {
  return family === subnet.family && value >= subnet.first && value <= lastOf(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.first <= lastOf(b) && b.first <= lastOf(a);
}

/** The bytes of an address, in the order of the network. */
export function bytesOf(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Number((value >> BigInt(8 * (count - 1 - index))) & 0xffn));
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function parseV4(text: string): bigint | undefined {
  // Leading zeros are refused: some programs read them as octal.
  const parts = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/
    .exec(text)
    ?.slice(1)
    .map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded) {
    const v4 = parseV4(embedded[2] ?? "");
    if (v4 === undefined) return undefined;
    return parseV6(`${embedded[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(16 * (7 - index))) & 0xffffn);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0n) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: bigint[]) => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
