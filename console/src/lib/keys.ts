// Keys of the whole page: not while something is typed, and not while an input method composes.
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"]';
const AFTER_G_MS = 1200;

export type KeyMap = Record<string, () => void>;

export function isTyping(event: KeyboardEvent): boolean {
  return event.isComposing || event.ctrlKey || event.altKey || event.metaKey || (event.target instanceof Element && event.target.closest(TYPING) !== null);
}

/** Single keys, and those that follow a G: `g l` is G, then L, soon after it. */
export class Sequence {
  // Times count from the opening of the page: a key that comes soon after that follows no G.
  private afterG = -Infinity;

  /** The name of what was pressed; null for a G, which waits for the next. */
  name(pressed: string, at: number): string | null {
    const key = pressed.toLowerCase();
    if (key === 'g') {
      this.afterG = at;
      return null;
    }
    const second = at - this.afterG < AFTER_G_MS;
    this.afterG = -Infinity;
    return second ? `g ${key}` : key;
  }
}

/** Answers what takes the listener away. */
export function listen(keys: () => KeyMap): () => void {
  const sequence = new Sequence();
  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event)) return;
    const name = sequence.name(event.key, event.timeStamp);
    const action = name === null ? undefined : keys()[name];
    if (action) {
      event.preventDefault();
      action();
    }
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}

/** What N (new) does on the screen that is shown. */
export const screenKeys: { current: KeyMap } = { current: {} };
