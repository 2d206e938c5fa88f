import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { reader } from './club.mjs';
import { court, endless } from './stage.mjs';
import { startsFor, states } from './states.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { AxeBuilder } = require('@axe-core/playwright');

// What is behind an open dialog is inert, and checked where it is in front.
const inFront = async (page) => (await page.locator('dialog[open]').count() ? 'dialog[open]' : 'html');

// In dark colours nothing but the colours differs, so nothing else is looked through again.
async function graveFindings(page, colorScheme = 'light') {
  const axe = new AxeBuilder({ page }).include(await inFront(page));
  if (colorScheme === 'dark') axe.withRules(['color-contrast']);
  return (await axe.analyze()).violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`);
}

for (const [name, reach] of Object.entries(states)) {
  test(`no serious accessibility finding in light or dark, and nothing out of the window: ${name}`, async () => {
    await court('states');
    const start = (await startsFor('states'))[0].start;
    const page = await reader({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
    await reach(page, { venue: 'states', start });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      assert.deepEqual(await graveFindings(page, colorScheme), [], colorScheme);
    }
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.deepEqual(await endless(page), [], 'nothing moves for ever');
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `the page is ${wider} px wider than a phone`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

for (const colorScheme of ['light', 'dark']) test(`negative control: a finding is found in ${colorScheme} colours`, async () => {
  await court('states');
  const page = await reader({ colorScheme });
  await states['a confirmed booking'](page, { venue: 'states', start: (await startsFor('states'))[0].start });
  await page.getByTestId('booking-time').evaluate((node) => { node.style.color = '#eee'; node.style.background = '#fff'; });
  assert.match((await graveFindings(page, colorScheme)).join(), /color-contrast/);
});
