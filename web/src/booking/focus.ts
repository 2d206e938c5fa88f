/**
 * Where the keyboard goes when the dialog has closed. The browser returns it to what opened the dialog; where that is gone
 * (after a reload, or because the calendar moved on), it goes to the slot, to the calendar's tab stop, or to the heading.
 */
export function focusCalendar(start: string): void {
  if (document.activeElement && document.activeElement !== document.body) return
  const targets = [`[data-testid="slot"][data-start="${CSS.escape(start)}"]`, '[data-testid="slot"][tabindex="0"]', 'h1']
  for (const target of targets) {
    const element = document.querySelector<HTMLElement>(target)
    if (!element) continue
    element.focus()
    return
  }
}
