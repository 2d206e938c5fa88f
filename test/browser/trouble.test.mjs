import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { book, learnStarts, noon, open, reader, shows, url } from './club.mjs';
import { court, endless, withoutPageData } from './stage.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { AxeBuilder } = require('@axe-core/playwright');

test('a reader who loses the network is told how old the page is, and catches up by itself', async () => {
  await learnStarts('away');
  const page = await reader();
  await open(page, 'away');
  await shows(page, noon(), 'available');
  await page.context().setOffline(true);
  await page.getByTestId('delay-banner').waitFor({ timeout: 60_000 });
  await book('away', noon());
  await book('away', noon());
  await page.context().setOffline(false);
  await shows(page, noon(), 'full');
  await page.getByTestId('delay-banner').waitFor({ state: 'hidden', timeout: 60_000 });
});

test('with the server out of reach, the page says so and names the venue’s contact', async () => {
  const page = await reader();
  await open(page, 'away');
  await page.route(/\/v1\//, (route) => route.abort());
  await page.routeWebSocket(/\/v1\/live/, (socket) => socket.close());
  await page.route(/\/away$/, async (route) => { // the page comes without its first week, or there would be something to show
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/<script[^>]*id="vacancy-data".*?<\/script>/s, '') });
  });
  await page.reload();
  await page.getByTestId('unavailable').waitFor({ timeout: 60_000 });
  assert.match(await page.getByTestId('unavailable').innerText(), /desk@example\.com/);
});

test('where nothing is, the page knows it without asking, and what appears there later is found without a reload', async () => {
  const page = await reader();
  const asked = [], errors = [];
  page.on('request', (request) => { if (request.url().includes('/v1/')) asked.push(request.url()); });
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.location().url.split('#')[0]); });
  for (const path of ['/not-yet', '/not-yet/bookings/bk_1#token', '/not-yet/else']) {
    await page.goto(url + path);
    await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.deepEqual(asked, [], path);
    assert.deepEqual(errors.filter((at) => at !== url + path.split('#')[0]), [], 'the browser tells of the page itself alone');
    errors.length = 0;
  }
  await page.goto(`${url}/not-yet`);
  await court('not-yet');
  await page.getByRole('link', { name: 'See all venues' }).click();
  await page.locator('a[href="/not-yet"]').first().click();
  await page.getByTestId('slot').first().waitFor();
  assert.deepEqual(page.faults, []);
});

test('what shows that something is awaited does not move for ever', async () => {
  await court('awaited');
  for (const path of ['/', '/awaited']) {
    const page = await reader();
    await page.route(/\/v1\//, () => {}); // Never answered.
    await withoutPageData(page, 'awaited');
    await page.goto(url + path);
    await page.locator('.skeleton').first().waitFor();
    assert.deepEqual(await endless(page), [], path);
  }
});

test('negative control: a movement without an end is found', async () => {
  const page = await reader();
  await page.goto(url);
  await page.evaluate(() => document.body.animate({ opacity: [1, 0.9] }, { duration: 1_000, iterations: Infinity }));
  assert.deepEqual(await endless(page), ['body']);
});

// The reference is the same in either scheme, and so long that looking through it once is enough.
for (const [colorScheme, paths] of [['light', ['/', '/reach', '/docs']], ['dark', ['/', '/reach']]]) {
  for (const path of paths) {
    test(`no serious accessibility finding on ${path} in ${colorScheme} colours`, async () => {
      const page = await reader({ colorScheme });
      await page.goto(url + path);
      if (path === '/reach') await page.getByTestId('slot').first().waitFor();
      else await page.waitForLoadState('networkidle');
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
      assert.deepEqual(grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), []);
    });
  }
}

test('pages load nothing from other hosts and break no rule of their own policy', async () => {
  for (const path of ['/', '/reach', '/docs']) {
    const page = await reader();
    const foreign = [], broken = [];
    page.on('request', (r) => { if (!/^(data|blob):/.test(r.url()) && !r.url().startsWith(url)) foreign.push(r.url()); });
    page.on('console', (m) => { if (/Content Security Policy/i.test(m.text())) broken.push(m.text()); });
    await page.goto(url + path);
    await page.waitForLoadState('networkidle');
    assert.deepEqual(foreign, []);
    assert.deepEqual(broken, []);
  }
});
