// The pages, built so that any one component can be made to fail as it is drawn: `throwIn(page, 'Legend')`.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { url } from './club.mjs';

const web = fileURLToPath(new URL('../../web/', import.meta.url));
const require = createRequire(join(web, 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)));

const sources = readdirSync(join(web, 'src'), { recursive: true }).filter((name) => name.endsWith('.svelte'));

/** The components that stand alone in an <ErrorBoundary>, by name, in the given folders. */
export function optionalComponents(folders) {
  const names = sources
    .filter((name) => folders.some((folder) => name.startsWith(folder) || !name.includes('/')))
    .flatMap((name) => [...readFileSync(join(web, 'src', name), 'utf8').matchAll(/<ErrorBoundary [^>]*>\s*<([A-Z]\w+)/g)])
    .map(([, component]) => component);
  return [...new Set(names)].sort();
}

const failing = {
  name: 'failing-components',
  enforce: 'pre',
  transform(code, id) {
    const name = /\/(\w+)\.svelte$/.exec(id)?.[1];
    if (!name || !id.startsWith(web)) return undefined;
    const fail = `\nif (globalThis.throwIn === ${JSON.stringify(name)}) throw new Error(${JSON.stringify(`${name} was made to fail`)})\n`;
    return /<script lang="ts">/.test(code) ? code.replace('<script lang="ts">', (tag) => tag + fail) : `<script lang="ts">${fail}</script>${code}`;
  },
};

let built;
async function build() {
  const [vite, { svelte }] = await Promise.all([load('vite'), load('@sveltejs/vite-plugin-svelte')]);
  const { output } = await vite.build({
    root: web, configFile: false, logLevel: 'error', plugins: [failing, svelte({ configFile: join(web, 'svelte.config.js') })],
    build: { write: false, minify: false, assetsInlineLimit: 0, modulePreload: { polyfill: false }, rollupOptions: { input: join(web, 'index.html') } },
  });
  const scripts = new Map(output.filter((file) => file.code).map((file) => [file.fileName, file.code]));
  return { scripts, entry: output.find((file) => file.isEntry).fileName };
}

/** From its next load on, the page runs with a component that throws whenever it is drawn. */
export async function throwIn(page, component) {
  const { scripts, entry } = await (built ??= build());
  await page.addInitScript((name) => { globalThis.throwIn = name; }, component);
  page.survived = [];
  page.on('console', (message) => { if (message.type() === 'error' && message.text().includes('goes on without')) page.survived.push(message.text()); });
  // The page itself is the server's; its scripts are these, the first one under the name that the page knows.
  await page.route(`${url}/assets/*.js`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    await route.fulfill({ contentType: 'text/javascript', body: scripts.get(name) ?? scripts.get(entry) });
  });
}
