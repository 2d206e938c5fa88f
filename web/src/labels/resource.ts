import type { Resource } from '../api/types'

// What the members of a pool are to a customer. Nobody says whether they are people or things, but their names do.

export interface ResourceWords {
  /** The question above the choice. */
  question: string
  /** The answer that leaves it open. */
  any: string
}

const people: ResourceWords = { question: 'With whom?', any: 'Anyone' }

/** "Which court?" for Court 1 and Court 2, "With whom?" for Aylin and Jonas, "Which one?" when the names do not tell. */
export function resourceWords(pool: Resource[]): ResourceWords {
  const noun = sharedWord(pool.map((resource) => resource.name))
  if (noun) return { question: `Which ${noun}?`, any: `Any ${noun}` }
  return namesPeople(pool) ? people : { question: 'Which one?', any: 'Any of them' }
}

/** Whether resources are people, as far as their names tell. */
export function namesPeople(resources: Resource[]): boolean {
  return resources.every((resource) => resource.capacity <= 1 && isPersonName(resource.name))
}

/** The words that every name begins or ends with ("Clay court" of 1 and 2), and that another word or number tells apart. */
function sharedWord(names: string[]): string | undefined {
  const words = names.map((name) => name.trim().toLocaleLowerCase().split(/\s+/))
  const most = Math.min(...words.map((parts) => parts.length)) - 1
  const fromEnd = words.map((parts) => [...parts].reverse())
  for (const [side, order] of [
    [words, (shared: string[]) => shared],
    [fromEnd, (shared: string[]) => shared.reverse()],
  ] as const) {
    const shared = sharedRun(side, most)
    if (shared.length > 0 && !shared.some((word) => titles.has(word))) return order(shared).join(' ')
  }
  return undefined
}

/** The first words that all have in common, at most so many: letters only, since a number tells apart. */
function sharedRun(words: string[][], most: number): string[] {
  const [first = []] = words
  const end = first.findIndex((word, i) => !/^\p{L}{2,}$/u.test(word) || words.some((parts) => parts[i] !== word))
  return first.slice(0, Math.min(most, end < 0 ? first.length : end))
}

/** What people share before their names is a title, not what they are. */
const titles = new Set(['dr', 'mr', 'mrs', 'ms', 'mx', 'miss', 'prof', 'sir', 'master', 'coach'])

/** One to four capitalised words without a digit: "Aylin", "Dr. Mia van Dyk". */
function isPersonName(name: string): boolean {
  const words = name.trim().split(/\s+/)
  return words.length <= 4 && !/\d/.test(name) && /^\p{Lu}/u.test(name) && words.every((word) => /^[\p{L}.'’-]+$/u.test(word))
}
