import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Against a running suite (RENXIN_E2E_INSTANCE): tests/component/test_console_browser.py starts one and runs this.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['tests/browser/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['tests/browser/setup.ts'],
  },
});
