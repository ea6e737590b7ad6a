// Whether the suite behind the page is another than the one it was built for: the contract's digest, once in a while.
import { ref } from 'vue';
import { CONTRACT_DIGEST } from '@/api/generated/contract';

const EVERY_MS = 10 * 60_000;
export const outdated = ref(false);
let watching = false;

async function look(): Promise<void> {
  try {
    const response = await fetch('/openapi.json', { cache: 'no-store', credentials: 'omit' });
    if (!response.ok) return;
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
    const text = [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    outdated.value = text !== CONTRACT_DIGEST;
  } catch {
    // Away for a moment: the next look says more.
  }
}

export function watchVersion(): void {
  if (watching) return;
  watching = true;
  window.setInterval(() => void look(), EVERY_MS);
}
