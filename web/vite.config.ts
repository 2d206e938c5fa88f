import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// Where `npm run dev` finds a running server.
const server = process.env['VACANCY_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Everything is a file of its own: data: URIs would need a weaker content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The API reference is one large library, loaded by its own page only.
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: { index: 'index.html', docs: 'docs.html' } },
  },
  server: {
    proxy: {
      '/v1/live': { target: server, ws: true },
      '/v1': server,
      '/openapi.yaml': server,
    },
  },
})
