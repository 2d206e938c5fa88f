import type { Price } from '../api/types'
import { pageLocale } from '../time/format'

/** "€25.00", and "€25" when there are no cents; an unknown currency is shown as it came. */
export function formatPrice(price: Price, tag = pageLocale(globalThis.navigator?.languages ?? [])): string {
  const amount = Number(price.amount)
  try {
    return new Intl.NumberFormat(tag, {
      style: 'currency',
      currency: price.currency,
      ...(Number.isInteger(amount) ? { maximumFractionDigits: 0 } : {}),
    }).format(amount)
  } catch {
    return `${price.amount} ${price.currency}`
  }
}
