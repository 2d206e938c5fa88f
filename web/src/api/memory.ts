// Small things worth keeping between visits. Storage can be switched off, full or from an older version of the page:
// all of that means "nothing remembered", never an error.

export function remember(key: string, value: unknown, storage: () => Storage = () => localStorage): void {
  try {
    storage().setItem(key, JSON.stringify(value))
  } catch {
    // Remembering is a convenience.
  }
}

export function recall<T>(key: string, storage: () => Storage = () => localStorage): T | undefined {
  try {
    const text = storage().getItem(key)
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

export function forget(key: string, storage: () => Storage = () => localStorage): void {
  try {
    storage().removeItem(key)
  } catch {
    // See remember.
  }
}

export const forThisTab = (): Storage => sessionStorage
