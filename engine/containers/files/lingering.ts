/** Something that is costly to open, shared by all who use it at the same time, and kept a moment longer. */
export interface Lingering<T> {
  use<R>(key: string, open: () => Promise<T>, body: (value: T) => Promise<R>): Promise<R>;
  /** Closes what nobody uses at once, and the rest when it is given back. */
  close(): Promise<void>;
}

interface Entry<T> {
  readonly value: Promise<T>;
  users: number;
  timer?: NodeJS.Timeout;
}

export function lingering<T>(lingerMs: number, dispose: (value: T) => Promise<void>): Lingering<T> {
  const entries = new Map<string, Entry<T>>();
  let closed = false;
  const drop = async (key: string, entry: Entry<T>) => {
    if (entries.get(key) === entry) entries.delete(key);
    clearTimeout(entry.timer);
    await entry.value.then(dispose).catch(() => {});
  };
  return {
    async use(key, open, body) {
      let entry = entries.get(key);
      if (!entry) {
        entry = { value: open(), users: 0 };
        entries.set(key, entry);
      }
      const { value } = entry;
      clearTimeout(entry.timer);
      entry.users += 1;
      try {
        return await body(await value);
      } finally {
        entry.users -= 1;
        const failed = await value.then(
          () => false,
          () => true,
        );
        const last = entry;
        if (failed) entries.delete(key);
        else if (entry.users === 0 && closed) await drop(key, entry);
        else if (entry.users === 0) entry.timer = setTimeout(() => void drop(key, last), lingerMs).unref();
      }
    },
    async close() {
      closed = true;
      await Promise.all([...entries].map(([key, entry]) => (entry.users === 0 ? drop(key, entry) : undefined)));
    },
  };
}
