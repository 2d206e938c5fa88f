import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { book, open, reader, slot, url } from './club.mjs';
import { court, morningZone, slotsOf } from './stage.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { AxeBuilder } = require('@axe-core/playwright');

/** Where the keyboard's focus is, and what hides it: undefined when its upper and lower edge can both be seen. */
const focus = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const element = document.activeElement;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    let hiddenBy;
    for (const y of [top + 2, bottom - 2]) {
      const over = document.elementFromPoint((left + right) / 2, y);
      if (!over) hiddenBy = 'the edge of the screen';
      else if (!element.contains(over) && !over.contains(element)) hiddenBy = over.outerHTML.slice(0, 120);
    }
    done({ id: element.dataset.testid ?? element.tagName, start: element.dataset.start, hiddenBy });
  }));
}));

async function assertSeen(page, what) {
  const at = await focus(page);
  assert.notEqual(at.id, 'BODY', `${what}: the focus is nowhere`);
  assert.equal(at.hiddenBy, undefined, `${what}: ${at.id} ${at.start ?? ''} is hidden`);
  return at;
}

async function tabTo(page, testid, key = 'Tab') {
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press(key);
    const at = await assertSeen(page, `${key} ${i}`);
    if (at.id === testid) return at;
  }
  assert.fail(`${testid} cannot be reached with ${key}`);
}

for (const [size, viewport] of [['a low window', { width: 1280, height: 420 }], ['a phone', { width: 390, height: 600 }], ['twice the size', { width: 640, height: 400 }]]) {
  test(`the focus stays in sight through the calendar and the list, in ${size}`, async () => {
    await court('focus-grid');
    const page = await reader({ viewport });
    await open(page, 'focus-grid');
    await tabTo(page, 'slot');
    for (const key of ['ArrowDown', 'ArrowUp'])
      for (let i = 0; i < 14; i++) {
        await page.keyboard.press(key);
        assert.equal((await assertSeen(page, `${key} ${i}`)).id, 'slot');
      }
    await page.getByTestId('view-list').click();
    await page.getByTestId('list-view').waitFor();
    await page.mouse.move(1, 1); // What comes to lie under the mouse while the list scrolls would show its details.
    for (const key of ['Tab', 'Shift+Tab'])
      for (let i = 0; i < 20; i++) {
        await page.keyboard.press(key);
        await assertSeen(page, `list, ${key} ${i}`);
      }
    assert.deepEqual(page.faults, []);
  });

  test(`the notice of a full time hides neither the focus nor its own alternatives, in ${size}`, async () => {
    const zone = morningZone();
    const id = `focus-notice-${viewport.width}`;
    await court(id, { venue: { zone } });
    const slots = (await slotsOf(id, 'hour', zone)).filter((s, _, all) => s.start.slice(0, 10) === all[0].start.slice(0, 10));
    await book(id, slots[2].start);
    const page = await reader({ viewport });
    await open(page, id);
    await slot(page, slots[2].start).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await slot(page, slots[2].start).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('full-notice').waitFor();
    assert.equal((await focus(page)).start, slots[2].start, 'the notice leaves the keyboard where it is');
    assert.equal(await page.getByTestId('slot-details').count(), 0, 'the details of the time are gone');
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press('ArrowDown');
      await assertSeen(page, `under the notice, ArrowDown ${i}`);
    }
    await tabTo(page, 'alternative', 'Shift+Tab'); // It stands above, under the time that was pressed.
    await page.keyboard.press('Enter');
    await page.getByTestId('hold-countdown').waitFor();
    assert.deepEqual(page.faults, []);
  });
}

test('negative control: a focused time under a cover is told from one in sight', async () => {
  await court('focus-grid');
  const page = await reader();
  await open(page, 'focus-grid');
  await tabTo(page, 'slot');
  await page.evaluate(() => {
    const cover = document.createElement('div');
    cover.style.cssText = 'position:fixed;inset:0;z-index:99;background:#0008';
    document.body.append(cover);
  });
  await assert.rejects(() => assertSeen(page, 'covered'), /is hidden/);
});

test('in forced colours what is chosen, and today, differ from their neighbours', async () => {
  await court('forced', { service: {} });
  const page = await reader({ forcedColors: 'active' });
  await open(page, 'forced');
  const background = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.notEqual(await background(page.locator('th.today .number')), await background(page.locator('th:not(.today) .number').first()));
  assert.notEqual(await background(page.getByTestId('view-calendar')), await background(page.getByTestId('view-list')));
  assert.notEqual(await page.locator('.dot').evaluate((dot) => getComputedStyle(dot).borderTopStyle), 'none', 'the dot of Live is drawn');
  await page.locator('[data-testid=slot][data-status=available]').first().click();
  await page.getByTestId('hold-countdown').waitFor();
  assert.notEqual(await background(page.getByTestId('confirm-button')), await background(page.getByTestId('cancel-hold')));
  await page.getByTestId('cancel-hold').click();
  const phone = await reader({ forcedColors: 'active', viewport: { width: 390, height: 844 } });
  await open(phone, 'forced');
  await phone.getByTestId('day').nth(1).click();
  assert.notEqual(await background(phone.getByTestId('day').nth(1)), await background(phone.getByTestId('day').nth(2)));
});

test('nothing on a live calendar moves for longer than five seconds by itself', async () => {
  await court('still');
  const page = await reader();
  await open(page, 'still');
  await page.waitForFunction(() => document.getAnimations().length === 0, undefined, { timeout: 5_000 });
});

for (const options of [{}, { colorScheme: 'dark' }, { viewport: { width: 390, height: 844 } }, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]) {
  test(`no serious accessibility finding on a calendar in use, ${JSON.stringify(options)}`, async () => {
    // Few times: what is looked through grows with them, and they are all alike.
    const hours = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['11:00-15:00']]));
    await court('axe-few', { resource: { hours } });
    // Of another day than today, which may be over.
    const slots = await slotsOf('axe-few');
    const later = slots.find((s) => s.start.slice(0, 10) > slots[0].start.slice(0, 10) && s.start.includes('T12:00'));
    if (later.status !== 'full') await book('axe-few', later.start);
    const page = await reader({ reducedMotion: 'reduce', ...options });
    await open(page, 'axe-few');
    const check = async (what) => {
      const axe = new AxeBuilder({ page });
      if (options.colorScheme === 'dark') axe.withRules(['color-contrast']); // Nothing else differs.
      else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
      const { violations } = await axe.analyze();
      assert.deepEqual(violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), []);
    };
    await check('as it opens');
    await page.getByTestId('next-available').click();
    await page.locator('[data-found]').waitFor();
    await check('with a time found');
    if (options.viewport) await page.locator(`[data-testid=day][data-day="${later.start.slice(0, 10)}"]`).click();
    await page.locator(`[data-testid=slot][data-start="${later.start}"][data-status=full]`).click();
    await page.getByTestId('full-notice').waitFor();
    await check('with a notice');
    await page.keyboard.press('Escape');
    await page.getByTestId('view-list').click();
    await page.getByTestId('list-view').waitFor();
    await check('as a list');
  });
}
