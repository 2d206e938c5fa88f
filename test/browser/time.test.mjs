import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, fillIn, open, reader, slot, url } from './club.mjs';
import { court, dateAt, slotsOf, venue, wrongClock, zonesUnknown } from './stage.mjs';

for (const hours of [-72, -26, 26, 72]) {
  test(`a visitor whose clock is ${hours} h wrong sees the days from today on, and the right time`, async () => {
    await court('wrong-clock');
    const page = await reader();
    await wrongClock(page, hours);
    await open(page, 'wrong-clock');
    const [first] = await slotsOf('wrong-clock');
    await slot(page, first.start).waitFor();
    const dates = await page.getByTestId('slot').evaluateAll((slots) => slots.map((s) => s.dataset.date));
    assert.equal(dates.sort()[0], first.start.slice(0, 10));
    assert.equal(await page.locator('th.today').innerText().then((text) => Number(text.match(/\d+/)[0])), Number(dateAt().slice(8)));
    const shown = await page.getByTestId('venue-time').innerText();
    const real = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', hour: 'numeric' }).format(new Date());
    assert.equal(shown.match(/(\d+):\d+.(AM|PM)/).slice(1).join(' '), real, shown);
    assert.deepEqual(page.faults, []);
  });
}

for (const [who, zones, own] of [
  ['does not know the venue’s zone', ['Europe/Berlin'], undefined],
  ['names Etc/Unknown as its own', ['Etc/Unknown'], 'Etc/Unknown'],
  ['knows no zone at all', ['Europe/Berlin', 'Etc/Unknown'], 'Etc/Unknown'],
]) {
  test(`a browser that ${who} shows venues, times, and the confirmed booking`, async () => {
    await court('odd-zone');
    const page = await reader();
    await zonesUnknown(page, zones, own);
    await page.goto(url);
    const { venues } = await call('GET', '/v1/venues');
    await page.getByTestId('venue-card').nth(venues.length - 1).waitFor();

    await open(page, 'odd-zone');
    const free = (await slotsOf('odd-zone')).find((s) => s.status === 'available' && s.start.includes('T14:00'));
    assert.match(await slot(page, free.start).getAttribute('aria-label'), /2:00.PM/);
    await slot(page, free.start).click();
    await page.getByTestId('hold-countdown').waitFor();
    await fillIn(page);
    await page.getByTestId('confirm-button').click();
    await page.getByTestId('confirmation-code').waitFor();
    assert.match(await page.locator('main').innerText(), /2:00.PM/);
    assert.deepEqual(page.faults, []);
  });
}

const addDays = (date, days) => new Date(Date.parse(`${date}T12:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The next last Sunday of October. */
function nextFold() {
  for (const year of [new Date().getUTCFullYear(), new Date().getUTCFullYear() + 1]) {
    const sunday = [31, 30, 29, 28, 27, 26, 25].map((d) => `${year}-10-${d}`).find((d) => new Date(`${d}T12:00Z`).getUTCDay() === 0);
    if (sunday > dateAt('Europe/Berlin', 2)) return sunday;
  }
}

test('the night when the clocks go back says which of its hours is meant, in the row, the slot and the list', async () => {
  const night = nextFold();
  const twice = [`${night}T02:00:00+02:00`, `${night}T02:00:00+01:00`];
  await venue('fold', {
    resources: [{ id: 'court', name: 'Court' }],
    services: [{ id: 'hour', name: 'One hour', horizon_days: 400, requires: [{ resource: 'court' }] }],
  });
  const page = await reader();
  await page.goto(`${url}/fold?date=${addDays(night, -1)}`);
  const labels = [];
  for (const start of twice) labels.push(await slot(page, start).getAttribute('aria-label'));
  assert.match(labels[0], /2:00.AM \(GMT\+2\)/);
  assert.match(labels[1], /2:00.AM \(GMT\+1\)/);
  for (const [i, start] of twice.entries()) {
    const row = await page.locator('tr', { has: slot(page, start) }).innerText();
    assert.match(row, i === 0 ? /GMT\+2/ : /GMT\+1/);
  }
  assert.match(await page.getByTestId('zone').innerText(), /GMT\+2.*from.*31.*GMT\+1/);
  await page.getByTestId('view-list').click();
  const list = await page.getByTestId('list-view').innerText();
  assert.match(list, /1:00.AM \(GMT\+2\) – 2:00.AM \(GMT\+2\)|1:00.AM – 2:00.AM \(GMT\+2\)/);
  assert.match(list, /2:00.AM \(GMT\+2\) – 2:00.AM \(GMT\+1\)/);
  assert.match(list, /11:00.PM – \w+, .*12:00.AM/, 'an end on another date says its date');
  assert.deepEqual(page.faults, []);
});
