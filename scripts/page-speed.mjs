// Measures how fast a venue's page is: `node scripts/page-speed.mjs URL VENUE`, with an admin key in VACANCY_ADMIN_KEY.
// It sets up VENUE with a service of 672 starts a week, then tells
//   - when the first time is drawn on a phone's network (1.6 Mbit/s, 150 ms), median of five loads without a cache;
//   - how long a frame takes while 50 slots a second change, at the 50th and the 95th percentile over ten seconds;
//   - what processor time of the page's main thread each change costs; on a busy machine a frame's cost falls on more changes or fewer.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const [url, venue] = process.argv.slice(2);
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

const days = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]));
const from = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const to = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
await put(`/v1/venues/${venue}`, { name: 'Speed', time_zone: 'Etc/UTC', contact: { email: 'desk@example.com' } });
await put(`/v1/venues/${venue}/resources/hall`, { name: 'Hall', capacity: 20, hours: days });
await put(`/v1/venues/${venue}/services/visit`, { name: 'Visit', duration_minutes: 15, step_minutes: 15, requires: [{ resource: 'hall' }] });
const week = await (await fetch(`${url}/v1/venues/${venue}/services/visit/availability?from=${from}&to=${to}`)).json();
const slots = week.days.flatMap((day) => day.slots);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });
const firsts = [];
for (let i = 0; i < 5; i++) firsts.push(await firstTime());
console.log(`first time drawn after ${median(firsts)} ms (${firsts.join(', ')})`);
const { frames, costs } = await frameTimes();
console.log(`a frame takes ${percentile(frames, 50)} ms at p50, ${percentile(frames, 95)} ms at p95 (${frames.length} frames, ${slots.length} slots)`);
console.log(`a change costs ${Object.entries(costs).map(([what, ms]) => `${ms.toFixed(2)} ms ${what}`).join(', ')}`);
await browser.close();

async function firstTime() {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  const bytesPerSecond = 1_600_000 / 8;
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 150, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond,
  });
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector('[data-testid=slot]')) return;
      observer.disconnect();
      requestAnimationFrame(() => { globalThis.firstTime = performance.now(); });
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto(`${url}/${venue}`);
  await page.waitForFunction(() => globalThis.firstTime, undefined, { timeout: 30_000 });
  const took = await page.evaluate(() => Math.round(globalThis.firstTime));
  await context.close();
  return took;
}

async function frameTimes() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const sockets = [];
  let subscription = '0';
  await page.routeWebSocket(/\/v1\/live/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      subscription = /"type":"subscribe","id":"([^"]+)"/.exec(message)?.[1] ?? subscription;
      server.send(message);
    });
    server.onMessage((message) => socket.send(message));
    sockets.push(socket);
  });
  await page.goto(`${url}/${venue}?date=${from}`);
  await page.locator(`[data-testid=slot][data-start="${slots.at(-1).start}"]`).waitFor();
  let n = 0;
  const feed = setInterval(() => {
    const slot = slots[(n * 101) % slots.length];
    const remaining = 1 + ((n++ * 7) % 20);
    const changed = { ...slot, remaining, status: remaining < 10 ? 'limited' : 'available' };
    const date = slot.start.slice(0, 10);
    sockets.at(-1).send(JSON.stringify({
      type: 'delta', id: subscription, position: week.position, committed_at: new Date().toISOString(), slots: [changed], days: [{ date, status: 'available' }],
    }));
  }, 20);
  await page.waitForTimeout(2_000);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const [before, sentBefore] = [await threadTimes(devtools), n];
  const frames = await page.evaluate(() => new Promise((done) => {
    const all = [];
    let last = performance.now();
    const end = last + 10_000;
    const frame = (now) => {
      all.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame);
      else done(all);
    };
    requestAnimationFrame(frame);
  }));
  const [after, changes] = [await threadTimes(devtools), n - sentBefore];
  clearInterval(feed);
  const costs = Object.fromEntries(Object.entries(after).map(([what, seconds]) => [what, ((seconds - before[what]) * 1000) / changes]));
  const tagged = await page.getByTestId('updated').count();
  if (tagged === 0) throw new Error('no change was shown: the feed did not reach the page');
  await context.close();
  return { frames, costs };
}

/** The processor time that the page's main thread has used, in seconds: all of it, and its largest parts. */
async function threadTimes(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { 'in all': of('TaskDuration'), script: of('ScriptDuration'), style: of('RecalcStyleDuration'), layout: of('LayoutDuration') };
}

async function put(path, body) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.VACANCY_ADMIN_KEY}` };
  const response = await fetch(url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
}

function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))]);
}

function median(values) {
  return percentile(values, 50);
}
