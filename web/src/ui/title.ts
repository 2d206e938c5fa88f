/** Names the page in the browser's tab and history, most particular word first. */
export function pageTitle(...parts: (string | undefined)[]): string {
  return [...parts.filter(Boolean), 'Vacancy'].join(' · ')
}
