/** Writes protocol buffers (proto3, "Encoding"): as much of them as one message of BuildKit needs. */
export class ProtoWriter {
  readonly #parts: Uint8Array[] = [];

  /** Fields that have their default value are not written, as in proto3. */
  text(field: number, value: string): this {
    return value === "" ? this : this.bytes(field, Buffer.from(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#parts.push(varint(field * 8 + 2), varint(value.length), value);
    return this;
  }

  /** Not negative, at most 2^53. */
  integer(field: number, value: number): this {
    if (value > 0) this.#parts.push(varint(field * 8), varint(value));
    return this;
  }

  flag(field: number, value: boolean): this {
    return this.integer(field, value ? 1 : 0);
  }

  message(field: number, message: ProtoWriter): this {
    return this.bytes(field, message.finish());
  }

  /** google.protobuf.Timestamp. */
  time(field: number, ms: number): this {
    const seconds = Math.floor(ms / 1000);
    return this.message(
      field,
      new ProtoWriter().integer(1, seconds).integer(2, Math.round((ms - seconds * 1000) * 1e6)),
    );
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}
