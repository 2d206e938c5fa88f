// Draws the dashboard of deploy/grafana/vacancy.json, to be looked at by whoever changes it: `make dashboard-picture`.
//
//   node scripts/dashboard-picture.mjs PICTURE.png REST.png [SECONDS]
//
// The first picture is of what an operator sees first, the second of the chapters after that.
//
// It starts PostgreSQL with a standby, two servers, and a Prometheus with the rules of deploy/prometheus; books and reads at them for some
// minutes, in which a server is restarted and the primary is lost; asks Prometheus each panel's queries, and draws the answers on
// Grafana's grid with uPlot, which is what Grafana draws lines with. It is no picture of Grafana: what it knows of a panel is in
// scripts/dashboard/page.mjs.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evening } from './dashboard/evening.mjs';
import { start } from './dashboard/installation.mjs';
import { answers } from './dashboard/queries.mjs';

const require = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const [picture, rest, seconds = '330'] = process.argv.slice(2);
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const width = 1500; // that of a laptop's screen
const lastChapter = 'Bookings'; // of the first picture

const dashboard = JSON.parse(await readFile(new URL('../deploy/grafana/vacancy.json', import.meta.url), 'utf8'));
const work = await mkdtemp(join(tmpdir(), 'vacancy-dashboard-'));
const installation = await start(work);
try {
  const from = Date.now() / 1000;
  await evening(installation, Number(seconds));
  await draw(await answers(dashboard, installation.prometheus, from, Date.now() / 1000));
} finally {
  await installation.stop();
  await rm(work, { recursive: true, force: true });
}

async function draw(panels) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });
  try {
    const page = await browser.newPage({ viewport: { width, height: 1000 } });
    page.on('pageerror', (error) => { throw error; });
    await page.setContent(await readFile(new URL('dashboard/page.html', import.meta.url), 'utf8'));
    await page.addStyleTag({ path: require.resolve('uplot/dist/uPlot.min.css') });
    await page.addScriptTag({ path: require.resolve('uplot/dist/uPlot.iife.min.js') });
    await page.addScriptTag({ type: 'module', content: await readFile(new URL('dashboard/page.mjs', import.meta.url), 'utf8') });
    await page.waitForFunction(() => globalThis.drawDashboard);
    const { empty, chapters, bottom } = await page.evaluate((all) => globalThis.drawDashboard(all), panels);
    const middle = chapters[chapters.findIndex(({ title }) => title === lastChapter) + 1].top;
    await page.setViewportSize({ width, height: Math.ceil(bottom) + 16 });
    await page.screenshot({ path: picture, clip: { x: 0, y: 0, width, height: middle } });
    await page.screenshot({ path: rest, clip: { x: 0, y: middle, width, height: bottom + 16 - middle } });
    for (const title of empty) console.log(`nothing to be shown: ${title}`);
  } finally {
    await browser.close();
  }
}
