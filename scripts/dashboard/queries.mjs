// Asks Prometheus what the panels of a dashboard ask, as Grafana does.
import { scrapeSeconds } from './installation.mjs';

/** The panels with what their queries answer from a time to another, in seconds, and the moments that are marked. */
export async function answers(dashboard, prometheus, from, to) {
  // The variables of the dashboard. The rate interval is as Grafana's: four scrapes.
  const variables = { $job: 'vacancy', $instance: '.*', $__rate_interval: `${4 * scrapeSeconds}s`, $__range: `${Math.ceil(to - from)}s` };
  const range = (expr) => ask(prometheus, Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), expr), from, to);
  const panels = [];
  for (const panel of dashboard.panels) {
    const series = [];
    for (const { expr, legendFormat } of panel.targets ?? []) {
      for (const { metric, values } of await range(expr)) {
        const name = (legendFormat ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '').trim();
        series.push({ name, points: values.map(([time, value]) => [time, Number(value)]) });
      }
    }
    panels.push({ ...panel, series });
  }
  const moments = [];
  for (const { expr, iconColor, useValueForTime } of dashboard.annotations.list) {
    const times = new Set((await range(expr)).flatMap(({ values }) => firstOfEach(values, useValueForTime)));
    moments.push(...[...times].filter((time) => time >= from && time <= to).map((time) => ({ time, color: iconColor })));
  }
  return { title: dashboard.title, panels, moments, from, to, step: scrapeSeconds };
}

/** The times that an annotation's series marks: its values, or where it begins. */
function firstOfEach(values, useValueForTime) {
  if (useValueForTime) return values.map(([, value]) => Number(value) / 1000);
  return values.filter(([time], i) => i === 0 || time - values[i - 1][0] > 1.5 * scrapeSeconds).map(([time]) => time);
}

async function ask(prometheus, query, start, end) {
  const response = await fetch(`${prometheus}/api/v1/query_range?${new URLSearchParams({ query, start, end, step: scrapeSeconds })}`);
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
  return answer.data.result;
}
