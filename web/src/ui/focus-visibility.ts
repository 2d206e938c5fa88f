/** The distance that a focused element keeps from what covered it. */
const GAP_PX = 8

/**
 * Keeps what has the keyboard's focus in sight: when a sticky header or a notice lies over it, the page is scrolled until
 * it does not. Returns the way to stop.
 */
export function keepFocusUncovered(): () => void {
  const onFocus = (event: FocusEvent) => {
    const { target } = event
    if (target instanceof HTMLElement && target.matches(':focus-visible'))
      requestAnimationFrame(() => {
        // Once more when the page has settled: what covers may have grown or moved meanwhile.
        if (uncover(target)) requestAnimationFrame(() => uncover(target))
      })
  }
  document.addEventListener('focusin', onFocus)
  return () => document.removeEventListener('focusin', onFocus)
}

/** Scrolls the page so that nothing lies over an element's upper and lower edge, as far as there is room. True when it had to. */
export function uncover(element: HTMLElement): boolean {
  const box = element.getBoundingClientRect()
  if (document.activeElement !== element) return false // The focus went on meanwhile, or the element is gone.
  const middle = box.left + box.width / 2
  for (const y of [box.top + 2, box.bottom - 2]) {
    const cover = document.elementFromPoint(middle, y)
    if (!cover || element.contains(cover) || cover.contains(element)) continue
    if (cover.closest('[role="tooltip"]')) continue // It moves or goes by itself.
    const over = fixedAncestor(cover).getBoundingClientRect()
    const fromAbove = over.top < innerHeight - over.bottom // Headers stick to the top, notices to the bottom.
    scrollBy({ top: fromAbove ? box.top - over.bottom - GAP_PX : box.bottom - over.top + GAP_PX })
    return true
  }
  return false
}

/** The part of the page that stays in its place while the rest scrolls under it. */
function fixedAncestor(element: Element): Element {
  for (let at: Element | null = element; at; at = at.parentElement) {
    if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return at
  }
  return element
}
