import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    // Far from the hospital's zone, and with clocks that are changed twice a year.
    env: { TZ: 'America/Los_Angeles' },
    include: ['tests/unit/**/*.test.ts'],
    environment: 'node',
    // One process: the machine has two cores, and all of it is a second of work.
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
  },
});
