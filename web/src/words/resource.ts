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
  return pool.every((resource) => resource.capacity <= 1 && isPersonName(resource.name))
    ? people
    : { question: 'Which one?', any: 'Any of them' }
}

/** The word that every name begins or ends with, and that another word or number tells apart. */
function sharedWord(names: string[]): string | undefined {
  const words = names.map((name) => name.trim().split(/\s+/))
  for (const end of [0, -1]) {
    const [shared] = words.map((parts) => parts.at(end)?.toLocaleLowerCase())
    if (!shared || !/^\p{L}{2,}$/u.test(shared) || titles.has(shared)) continue
    if (words.every((parts) => parts.length > 1 && parts.at(end)?.toLocaleLowerCase() === shared)) return shared
  }
  return undefined
}

/** What people share before their names is a title, not what they are. */
const titles = new Set(['dr', 'mr', 'mrs', 'ms', 'mx', 'miss', 'prof', 'sir', 'master', 'coach'])

/** One to four capitalised words without a digit: "Aylin", "Dr. Mia van Dyk". */
function isPersonName(name: string): boolean {
  const words = name.trim().split(/\s+/)
  return words.length <= 4 && !/\d/.test(name) && /^\p{Lu}/u.test(name) && words.every((word) => /^[\p{L}.'’-]+$/u.test(word))
}
