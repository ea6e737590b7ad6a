// What was typed and not sent yet survives a crash, a reload and the end of a session: per account and place, in this tab alone.
const PREFIX = 'renxin.draft.';

export interface Draft {
  read(): Record<string, unknown> | null;
  write(values: Record<string, unknown>): void;
  clear(): void;
}

export function draftAt(account: string, place: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = sessionStorage): Draft {
  const name = `${PREFIX}${account}.${place}`;
  return {
    read() {
      try {
        const text = storage.getItem(name);
        return text ? (JSON.parse(text) as Record<string, unknown>) : null;
      } catch {
        return null;
      }
    },
    write: (values) => storage.setItem(name, JSON.stringify(values)),
    clear: () => storage.removeItem(name),
  };
}
