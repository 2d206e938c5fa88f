import { Problem } from '../api/problem'
import type { Customer } from '../api/types'
import { plural } from '../time/format'
import { errorText } from './error-text'

export type FieldName = keyof Customer
export type FieldErrors = Partial<Record<FieldName, string>>

/** The fields in the order of the form: the first one in error gets the focus. */
export const fieldNames: FieldName[] = ['name', 'email', 'phone', 'note']

/** What can be said without asking the server: the two things a confirmed booking cannot do without. */
export function checkCustomer(customer: Customer): FieldErrors {
  const errors: FieldErrors = {}
  if (customer.name.trim() === '') errors.name = 'Please tell us your name.'
  if (customer.email.trim() === '' && customer.phone.trim() === '')
    errors.email = 'Please give an email address or a phone number.'
  return errors
}

const missingThings: Partial<Record<FieldName, string>> = { name: 'your name', email: 'an email address or a phone number' }

/**
 * What is said to those who hear the form when it could not be sent: how much is wrong, and where. The focus may be on the
 * first wrong field already, and then tells them nothing.
 */
export function describeErrors(customer: Customer, errors: FieldErrors): string {
  const missing = fieldNames.filter((name) => checkCustomer(customer)[name]).map((name) => missingThings[name])
  if (missing.length > 0)
    return `${plural(missing.length, 'thing')} ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.join(', and ')}.`
  return fieldNames.flatMap((name) => errors[name] ?? []).join(' ')
}

/** The server's words that a customer meets most, by how they begin, and those of the page. */
const friendlier: [string, string][] = [
  ['must be an email address', 'Please check this email address: it should look like name@example.com.'],
  ['must be a phone number', 'Please check this phone number: it should look like +49 30 1234567.'],
]

function friendlyText(message: string): string {
  return friendlier.find(([begin]) => message.startsWith(begin))?.[1] ?? sentence(message)
}

/** The server's complaints by field; it names them as "customer.email". */
export function fieldErrorsOf(error: unknown, customer: Customer): FieldErrors {
  const errors: FieldErrors = {}
  if (!(error instanceof Problem)) return errors
  if (error.code === 'contact_limited') return { [customer.email ? 'email' : 'phone']: errorText(error, 'book').text }
  if (error.code === 'too_large') return { note: errorText(error, 'book').text }
  for (const { field, message } of error.body.errors ?? []) {
    const name = fieldNames.find((name) => new RegExp(`(^|\\.)customer\\.${name}$`).test(field))
    if (name && !errors[name]) errors[name] = friendlyText(message)
  }
  return errors
}

function sentence(message: string): string {
  const text = message.trim()
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
}
