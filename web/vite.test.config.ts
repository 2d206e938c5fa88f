import { readdirSync } from 'node:fs'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts'))

// Bundles every test for node's own test runner, which cannot read TypeScript on the oldest supported node.
export default defineConfig({
  plugins: [svelte()],
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'node_modules/.vacancy-test',
    emptyOutDir: true,
    rollupOptions: {
      input: Object.fromEntries(tests.map((name) => [name.replace(/\.ts$/, ''), `test/${name}`])),
      output: { entryFileNames: '[name].mjs' },
    },
  },
})
