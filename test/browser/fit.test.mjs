import assert from 'node:assert/strict';
import { test } from 'node:test';
import { book, call, open, reader, shows, slot, url } from './club.mjs';
import { focusIsOn } from './customer.mjs';
import { court, dateAt, slotsOf, venue } from './stage.mjs';

const widths = [320, 390, 480, 600, 735, 737, 768, 820, 900, 960, 992, 993, 1024, 1100, 1152, 1153, 1200, 1280, 1440];

/** Texts and pictures that reach over the edge of what they stand in: of every slot, day head, row head and button of the calendar. */
const overflowing = (page) => page.evaluate(() => {
  const found = [];
  for (const box of document.querySelectorAll('[data-testid=slot], [data-testid=day], .day-status, thead th, tbody th, .calendar .button')) {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    if (right === left) continue;
    const inner = [...box.querySelectorAll('svg, .text, .time, .offset')].map((part) => part.getBoundingClientRect());
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (getComputedStyle(text.parentElement).clipPath !== 'none') continue; // For those who hear the page.
      const range = document.createRange();
      range.selectNodeContents(text);
      inner.push(...range.getClientRects());
    }
    for (const part of inner) {
      if (part.width <= 1) continue;
      if (part.left < left - 0.5 || part.right > right + 0.5 || part.top < top - 0.5 || part.bottom > bottom + 0.5) {
        found.push(`${box.getAttribute('aria-label') ?? box.innerText}: ${Math.round(part.left - left)}..${Math.round(right - part.right)}`);
        break;
      }
    }
  }
  return found;
});

/** A class and two barbers, with every word that a slot can have: free, few left, the last one, full, too few. */
async function wordy(id) {
  await venue(id, {
    resources: [{ id: 'boat', name: 'Boat', capacity: 100 }, { id: 'a', name: 'Aylin' }, { id: 'b', name: 'Jonas' }, { id: 'c', name: 'Emre' }],
    services: [
      { id: 'hour', name: 'Haircut', description: 'Wash, cut and styling.', price: { amount: '32.00', currency: 'EUR' }, requires: [{ any_of: ['a', 'b', 'c'] }] },
      { id: 'trip', name: 'Trip', party_size: { min: 1, max: 100 }, requires: [{ resource: 'boat', per_person: true }] },
    ],
  });
  const days = (await slotsOf(id)).filter((s) => s.start.includes('T12:00'));
  const take = (service, start, party_size = 1) => call('POST', `/v1/venues/${id}/bookings`, { service, start, party_size, customer: { name: 'A', email: `guest${start.slice(8, 10)}@example.com` } });
  if (days.every((s) => s.status === 'available'))
    for (const [i, { start }] of days.entries()) {
      for (let n = 0; n < i % 4; n++) await take('hour', start);
      if (i > 0) await take('trip', start, [1, 60, 97, 100][i % 4]);
    }
  return id;
}

for (const locale of ['en-GB', 'en-US']) {
  test(`nothing runs out of its cell from 320 to 1440 pixels, in ${locale}`, async () => {
    await wordy('wordy');
    const page = await reader({ locale });
    for (const query of ['', '?service=trip&people=4']) {
      await page.goto(`${url}/wordy${query}`);
      await page.getByTestId('slot').first().waitFor();
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
        await page.getByTestId('slot').first().waitFor();
        assert.deepEqual(await overflowing(page), [], `${query} at ${width}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${query}: the page is wider than ${width}`);
      }
    }
  });
}

test('with text of twice the size the page is no wider than a phone', async () => {
  await wordy('wordy');
  const page = await reader({ viewport: { width: 390, height: 844 } });
  await open(page, 'wordy');
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${wider} px wider`);
});

test('with text of twice the size a wide window shows one day, in which nothing lies over another time', async () => {
  await court('large-text');
  const page = await reader();
  await open(page, 'large-text');
  await page.getByTestId('week-grid').waitFor();
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  await page.getByTestId('week-grid').waitFor({ state: 'detached' });
  await page.locator('[data-testid=slot][data-status=available]').first().waitFor();
  assert.deepEqual(await coveredSlots(page), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than its window');
  await page.locator('[data-testid=slot][data-status=available]').first().click();
  await page.getByTestId('hold-countdown').waitFor();
  await page.getByTestId('cancel-hold').click();
  await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
  await page.getByTestId('week-grid').waitFor();
  assert.deepEqual(page.faults, []);
});

test('the button that unfolds the selection stands within the page, its focus ring too', async () => {
  await wordy('wordy');
  for (const width of [320, 390]) {
    const page = await reader({ viewport: { width, height: 844 } });
    await open(page, 'wordy');
    const { x, width: own } = await page.getByTestId('change-selection').boundingBox();
    assert.ok(x + own + 5 <= width, `it ends at ${x + own} of ${width}`);
  }
});

test('nothing shows through between the day heads while the week scrolls under them', async () => {
  await wordy('wordy');
  const page = await reader({ viewport: { width: 1280, height: 600 } });
  await open(page, 'wordy');
  await page.locator('tbody tr').nth(8).evaluate((row) => row.scrollIntoView({ block: 'start' }));
  const gaps = await page.locator('thead th').evaluateAll((heads) => heads.slice(0, -1).map((head, i) =>
    [heads[i + 1].getBoundingClientRect().left - head.getBoundingClientRect().right, getComputedStyle(head).boxShadow]));
  for (const [gap, shadow] of gaps) assert.ok(shadow.includes(`${gap}px 0px 0px`), `${gap} is not covered by ${shadow}`);
});

test('negative control: a word that is too long for its cell is found', async () => {
  await wordy('wordy');
  const page = await reader({ viewport: { width: 1024, height: 768 } });
  await open(page, 'wordy');
  await page.locator('[data-testid=slot] .text').first().evaluate((text) => { text.innerText = 'Last one of many'; text.style.whiteSpace = 'nowrap'; });
  assert.equal((await overflowing(page)).length, 1);
});

/** Slots on the screen with something over their middle that is not theirs; headers that stick are meant to be over them. */
const coveredSlots = (page) => page.getByTestId('slot').evaluateAll((slots) => slots.filter((element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return over && !element.contains(over) && !over.closest('thead, h3');
}).map((element) => element.getAttribute('aria-label')));

for (const [view, viewport] of [
  ['calendar', { width: 1280, height: 900 }], ['list', { width: 1440, height: 900 }], ['calendar', { width: 390, height: 844 }],
  ['list', { width: 390, height: 844 }], ['calendar', { width: 740, height: 360 }],
]) {
  test(`the notice of a full time covers no time, and what was pressed stays in sight: ${view} at ${viewport.width}`, async () => {
    await court('pressed');
    const slots = (await slotsOf('pressed')).filter((s) => s.start.startsWith(dateAt('Europe/Berlin', 1)));
    if (slots[20].status !== 'full') for (const i of [1, 20]) await book('pressed', slots[i].start);
    const page = await reader({ viewport });
    await page.goto(`${url}/pressed?view=${view}&date=${dateAt('Europe/Berlin', 1)}`);
    for (const i of [1, 20]) {
      const pressed = slot(page, slots[i].start);
      await pressed.evaluate((element) => element.scrollIntoView({ block: 'end' }));
      await pressed.click();
      await page.mouse.move(1, 1); // What comes to lie under the mouse would show its details.
      const notice = page.getByTestId('full-notice');
      await notice.filter({ hasText: /fully booked/ }).waitFor();
      await page.getByTestId('slot-details').waitFor({ state: 'hidden' });
      assert.deepEqual(await coveredSlots(page), []);
      const { y, height } = await pressed.boundingBox();
      assert.ok(y >= 0 && y + height <= viewport.height, `what was pressed stands at ${y}`);
      const title = await notice.locator('.title').boundingBox();
      assert.ok(title.y + title.height <= viewport.height, `its words stand at ${title.y}`);
      await pressed.focus();
      await page.keyboard.press('Tab');
      assert.ok(await notice.evaluate((element) => element.contains(document.activeElement)), 'the keyboard finds it next');
      await page.keyboard.press('Escape');
      await notice.waitFor({ state: 'detached' });
      await focusIsOn(page, 'slot');
    }
    assert.deepEqual(page.faults, []);
  });
}

/** Free times that stand on the screen as a whole: where one day is shown it is the first that has any. */
const freeOnFirstScreen = (page) => page.getByTestId('slot').evaluateAll((slots) => {
  const free = slots.filter((element) => element.dataset.status !== 'full');
  return free.filter((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }).map((element) => element.dataset.start);
});

/** A venue with everything that stands above the times: a long name, a clock that differs, contacts, a choice of services and people. */
const lordHowe = (id) => venue(id, {
  name: 'Lagoon Ferry of Lord Howe', zone: 'Australia/Lord_Howe',
  resources: [{ id: 'boat', name: 'Boat', capacity: 80, hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['09:00-17:00']])) }],
  services: ['hour', 'night'].map((service) => ({
    id: service, name: 'Lagoon crossing', description: 'Over and back.', price: { amount: '20.00', currency: 'AUD' },
    party_size: { min: 1, max: 8 }, requires: [{ resource: 'boat', per_person: true }],
  })),
});

// Phones, upright and on their side, small windows, and a window of 1280 by 720 at 200 %.
for (const [width, height] of [
  [390, 844], [375, 667], [360, 640], [320, 568], [320, 480], [667, 375], [640, 360], [568, 320], [740, 360], [844, 390], [915, 412],
]) {
  test(`the first screen of a phone or a small window shows free times: ${width} by ${height}`, async () => {
    await court('first-screen');
    await lordHowe('first-screen-full');
    const page = await reader({ viewport: { width, height } });
    for (const [id, zone] of [['first-screen', 'Europe/Berlin'], ['first-screen-full', 'Australia/Lord_Howe']]) {
      await open(page, id);
      const shown = await freeOnFirstScreen(page);
      assert.ok(shown.length > 0, `${id}: no time stands on the first screen`);
      if (width <= 736) {
        const first = (await slotsOf(id, 'hour', zone)).find((s) => s.status !== 'full').start;
        assert.equal(shown[0].slice(0, 10), first.slice(0, 10), `${id} opens on the first day with room`);
      }
    }
    assert.deepEqual(page.faults, []);
  });
}

for (const [width, height] of [[667, 375], [640, 360], [844, 390]]) {
  test(`on a low screen what is held stands above the first field: ${width} by ${height}`, async () => {
    await lordHowe('first-screen-full');
    const page = await reader({ viewport: { width, height } });
    await open(page, 'first-screen-full');
    await slot(page, (await freeOnFirstScreen(page))[0]).click();
    await page.getByTestId('hold-countdown').waitFor();
    await focusIsOn(page, 'field-name');
    const head = await page.locator('dialog header').boundingBox();
    const moment = await page.locator('#hold-summary .moment').boundingBox();
    const field = await page.getByTestId('field-name').boundingBox();
    assert.ok(moment.y >= head.y + head.height, `the time stands at ${moment.y}, under the head that ends at ${head.y + head.height}`);
    assert.ok(field.y + field.height <= height, `the field ends at ${field.y + field.height}`);
    await page.getByTestId('cancel-hold').click();
  });
}

test('negative control: a window that is too low for a time is found', async () => {
  await lordHowe('first-screen-full');
  const page = await reader({ viewport: { width: 568, height: 200 } });
  await open(page, 'first-screen-full');
  assert.deepEqual(await freeOnFirstScreen(page), []);
});

test('on a phone the service that the keyboard comes to is in view as a whole', async () => {
  const service = { requires: [{ resource: 'court' }], price: { amount: '20.00', currency: 'EUR' } };
  await venue('service-cards', {
    resources: [{ id: 'court', name: 'Court' }],
    services: ['a', 'b', 'c'].map((id) => ({ id, name: `Service ${id}`, ...service })),
  });
  const viewport = { width: 390, height: 844 };
  const page = await reader({ viewport });
  await open(page, 'service-cards');
  await page.getByTestId('change-selection').click();
  await page.getByTestId('service-option').first().locator('input').focus();
  for (const id of ['b', 'c', 'a']) {
    await page.keyboard.press('ArrowRight');
    const card = page.locator(`[data-service=${id}]`);
    await card.and(page.locator('.chosen')).waitFor();
    const { x, width } = await card.boundingBox();
    assert.ok(x >= 0 && x + width <= viewport.width, `the card of ${id} reaches from ${x} to ${x + width}`);
  }
  assert.deepEqual(page.faults, []);
});

test('the mark of a change is drawn above its neighbours, in the week and on a phone', async () => {
  for (const viewport of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
    await court('marked');
    const free = (await slotsOf('marked')).filter((s) => s.start >= dateAt('Europe/Berlin', 1) && s.status === 'available');
    const { start } = free.find((s) => s.start.includes('T10:00'));
    const under = start.replace('T10:00', viewport.width > 736 ? 'T11:00' : 'T13:00'); // in the row below
    const page = await reader({ viewport });
    await page.goto(`${url}/marked?date=${start.slice(0, 10)}`);
    await shows(page, start, 'available');
    await page.locator('[data-testid=live-state][data-state=live]').waitFor();
    await slot(page, start).evaluate((element) => element.scrollIntoView({ block: 'center' }));
    for (const each of [start, under]) {
      await call('POST', '/v1/venues/marked/bookings', { service: 'hour', start: each, customer: { name: 'A', email: 'a@example.com' } });
    }
    const tags = [start, under].map((each) => slot(page, each).getByTestId('updated'));
    for (const tag of tags) await tag.waitFor();
    for (const tag of tags) {
      const covered = await tag.evaluate((element) => {
        element.style.pointerEvents = 'auto';
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return [[left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2]]
          .map(([x, y]) => document.elementFromPoint(x, y)).filter((over) => over !== element).map((over) => over?.outerHTML.slice(0, 100));
      });
      assert.deepEqual(covered, []);
    }
    await page.context().close();
  }
});
