// Keys of the whole page: not while something is typed, and not while an input method composes.
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"]';
const AFTER_G_MS = 1200;

export type KeyMap = Record<string, () => void>;

export function isTyping(event: KeyboardEvent): boolean {
  return event.isComposing || event.ctrlKey || event.altKey || event.metaKey || (event.target instanceof Element && event.target.closest(TYPING) !== null);
}

/** `g l` is G, then L. Answers what takes the listener away. */
export function listen(keys: () => KeyMap): () => void {
  let afterG = 0;
  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event)) return;
    const key = event.key.toLowerCase();
    if (key === 'g') {
      afterG = event.timeStamp;
      return;
    }
    const second = event.timeStamp - afterG < AFTER_G_MS;
    afterG = 0;
    const action = keys()[second ? `g ${key}` : key];
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
