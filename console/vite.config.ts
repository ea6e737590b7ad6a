import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// `./dev console` says where the suite runs; its authority is none that Node.js knows.
const gateway = process.env.RENXIN_GATEWAY_URL ?? 'https://127.0.0.1:8443';

export default defineConfig({
  base: '/c/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // A data: URL of a small picture would be one more thing that the policy has to let through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    // Few requests for the first screen: what all screens share is one file of the libraries' and one of ours.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules/ },
            { name: 'shared', test: /\/src\/(?:ui|api|lib|texts|shell)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/v1': { target: gateway, secure: false, ws: true, changeOrigin: true },
      '/openapi.json': { target: gateway, secure: false, changeOrigin: true },
    },
  },
});
